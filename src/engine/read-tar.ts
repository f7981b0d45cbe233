import { padding, type TarFile } from './tar.ts';

const BLOCK = 512;

/**
 * Reads a tar archive (ustar, pax, GNU long names) from an engine. Skips devices, hard links and sockets.
 *
 * @throws if its files together are larger than `maxBytes`, or the archive is damaged
 */
export async function readTar(stream: AsyncIterable<Uint8Array>, maxBytes: number): Promise<readonly TarFile[]> {
  const source = new ByteReader(stream);
  const files: TarFile[] = [];
  let extra: Readonly<Record<string, string>> = {};
  let total = 0;
  for (;;) {
    const block = await source.read(BLOCK);
    if (block === undefined || block.every(byte => byte === 0)) return files;
    const type = String.fromCharCode(block[156] ?? 0);
    const size = Number(extra.size ?? octal(block, 124, 12));
    total += size;
    if (total > maxBytes) throw new Error(`the archive holds more than ${maxBytes} bytes`);
    const content = await source.read(size);
    await source.read(padding(size));
    if (content === undefined) throw new Error('the archive ends within a file');
    if (type === 'x') extra = { ...extra, ...paxFields(content) };
    else if (type === 'L') extra = { ...extra, path: text(content, 0, content.length) };
    else if (type === 'K') extra = { ...extra, linkpath: text(content, 0, content.length) };
    else if (type !== 'g') {
      const file = fileOf(type, block, content, extra);
      if (file !== undefined) files.push(file);
      extra = {};
    }
  }
}

function fileOf(
  type: string,
  block: Buffer,
  content: Buffer,
  extra: Readonly<Record<string, string>>,
): TarFile | undefined {
  const prefix = text(block, 257, 5) === 'ustar' ? text(block, 345, 155) : '';
  const name = text(block, 0, 100);
  const entry = {
    path: extra.path ?? (prefix === '' ? name : `${prefix}/${name}`),
    mode: octal(block, 100, 8),
    uid: Number(extra.uid ?? octal(block, 108, 8)),
    gid: Number(extra.gid ?? octal(block, 116, 8)),
  };
  switch (type) {
    case '0':
    case '\0':
      return { ...entry, kind: 'file', content };
    case '2':
      return { ...entry, kind: 'symlink', target: extra.linkpath ?? text(block, 157, 100) };
    case '5':
      return { ...entry, kind: 'directory', path: entry.path.replace(/\/+$/, '') };
    default:
      return undefined;
  }
}

function paxFields(content: Buffer): Readonly<Record<string, string>> {
  const fields: Record<string, string> = {};
  for (let at = 0; at < content.length; ) {
    const blank = content.indexOf(' ', at);
    const length = Number(content.toString('latin1', at, blank));
    if (blank < 0 || !Number.isInteger(length) || length <= 0) break;
    const record = content.toString('utf8', blank + 1, at + length - 1);
    const equals = record.indexOf('=');
    fields[record.slice(0, equals)] = record.slice(equals + 1);
    at += length;
  }
  return fields;
}

function text(block: Buffer, offset: number, length: number): string {
  const end = block.indexOf(0, offset);
  return block.toString('utf8', offset, end < 0 || end > offset + length ? offset + length : end);
}

function octal(block: Buffer, offset: number, length: number): number {
  // GNU tar writes large numbers in base 256, marked by the highest bit.
  if (((block[offset] ?? 0) & 0x80) !== 0) {
    return Number(block.readBigUInt64BE(offset + length - 8) & 0x7fff_ffff_ffff_ffffn);
  }
  return Number.parseInt(text(block, offset, length).trim(), 8) || 0;
}

class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(stream: AsyncIterable<Uint8Array>) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  /** @returns undefined if the stream ends before */
  async read(length: number): Promise<Buffer | undefined> {
    const parts: Buffer[] = [this.#rest];
    let have = this.#rest.length;
    while (have < length) {
      const next = await this.#chunks.next();
      if (next.done === true) return undefined;
      parts.push(Buffer.from(next.value));
      have += next.value.length;
    }
    const data = parts.length === 1 ? this.#rest : Buffer.concat(parts);
    this.#rest = data.subarray(length);
    return data.subarray(0, length);
  }
}
