import type { Readable } from 'node:stream';

/** What a tar archive carries into or out of a container. */
export type TarEntry = {
  readonly path: string;
  readonly mode: number;
  readonly uid?: number;
  readonly gid?: number;
} & (
  | { readonly kind: 'directory' }
  | { readonly kind: 'symlink'; readonly target: string }
  | { readonly kind: 'file'; readonly content: Uint8Array }
  | { readonly kind: 'stream'; readonly size: number; readonly open: () => Readable }
);

/** A file, folder or link that was read from an archive. */
export type TarFile = Exclude<TarEntry, { kind: 'stream' }>;

const BLOCK = 512;
const TYPES = { file: '0', stream: '0', symlink: '2', directory: '5' } as const;
/** What the header of the oldest format holds; longer paths and larger files go into a pax record before it. */
const MAX_PATH = 100;
const MAX_OCTAL_SIZE = 0o77777777777;
const MAX_OCTAL_ID = 0o7777777;

/** Writes entries as a tar archive (POSIX pax). Files of kind `stream` must have the size that they state. */
export async function* tarChunks(entries: Iterable<TarEntry> | AsyncIterable<TarEntry>): AsyncGenerator<Buffer> {
  for await (const entry of entries) {
    const { size, link } = measure(entry);
    const pax = paxRecords(entry, size, link);
    if (pax.length > 0) {
      yield header({ path: 'pax', mode: 0o644, size: pax.length, type: 'x', link: '', uid: 0, gid: 0 });
      yield padded(pax);
    }
    const type = TYPES[entry.kind];
    yield header({ path: entry.path, mode: entry.mode, size, type, link, uid: entry.uid ?? 0, gid: entry.gid ?? 0 });
    if (entry.kind === 'file') yield padded(entry.content);
    if (entry.kind === 'stream') yield* streamed(entry);
  }
  yield Buffer.alloc(2 * BLOCK);
}

/** A whole archive in memory. */
export async function tarOf(entries: Iterable<TarEntry> | AsyncIterable<TarEntry>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of tarChunks(entries)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function measure(entry: TarEntry): { size: number; link: string } {
  switch (entry.kind) {
    case 'file':
      return { size: entry.content.length, link: '' };
    case 'stream':
      return { size: entry.size, link: '' };
    case 'symlink':
      return { size: 0, link: entry.target };
    case 'directory':
      return { size: 0, link: '' };
  }
}

async function* streamed(entry: Extract<TarEntry, { kind: 'stream' }>): AsyncGenerator<Buffer> {
  let sent = 0;
  for await (const chunk of entry.open()) {
    // A file that grew while it was read is cut, as tar does.
    const data = Buffer.from(chunk).subarray(0, entry.size - sent);
    sent += data.length;
    if (data.length > 0) yield data;
  }
  if (sent < entry.size) throw new Error(`${entry.path} became shorter while it was read`);
  yield Buffer.alloc(padding(entry.size));
}

interface Header {
  readonly path: string;
  readonly mode: number;
  readonly size: number;
  readonly type: string;
  readonly link: string;
  readonly uid: number;
  readonly gid: number;
}

function header({ path, mode, size, type, link, uid, gid }: Header): Buffer {
  const block = Buffer.alloc(BLOCK);
  const name = Buffer.from(type === '5' && !path.endsWith('/') ? `${path}/` : path);
  name.copy(block, 0, 0, Math.min(name.length, MAX_PATH));
  octal(block, 100, 8, mode & 0o7777);
  octal(block, 108, 8, Math.min(uid, MAX_OCTAL_ID));
  octal(block, 116, 8, Math.min(gid, MAX_OCTAL_ID));
  octal(block, 124, 12, Math.min(size, MAX_OCTAL_SIZE));
  octal(block, 136, 12, 0);
  block.write(type, 156);
  Buffer.from(link).copy(block, 157, 0, MAX_PATH);
  block.write('ustar\u000000', 257, 'latin1');
  block.fill(' ', 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

function octal(block: Buffer, offset: number, length: number, value: number): void {
  block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, offset, 'latin1');
}

function paxRecords(entry: TarEntry, size: number, link: string): Buffer {
  const path = entry.kind === 'directory' && !entry.path.endsWith('/') ? `${entry.path}/` : entry.path;
  const records: string[] = [];
  if (Buffer.byteLength(path) > MAX_PATH) records.push(paxRecord('path', path));
  if (Buffer.byteLength(link) > MAX_PATH) records.push(paxRecord('linkpath', link));
  if (size > MAX_OCTAL_SIZE) records.push(paxRecord('size', String(size)));
  if ((entry.uid ?? 0) > MAX_OCTAL_ID) records.push(paxRecord('uid', String(entry.uid)));
  if ((entry.gid ?? 0) > MAX_OCTAL_ID) records.push(paxRecord('gid', String(entry.gid)));
  return Buffer.from(records.join(''));
}

/** `LENGTH name=value\n`, whose length counts its own digits. */
function paxRecord(name: string, value: string): string {
  const rest = Buffer.byteLength(` ${name}=${value}\n`);
  let length = rest + String(rest).length;
  if (String(length).length > String(rest).length) length = rest + String(length).length;
  return `${length} ${name}=${value}\n`;
}

function padded(content: Uint8Array): Buffer {
  return Buffer.concat([content, Buffer.alloc(padding(content.length))]);
}

export function padding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}
