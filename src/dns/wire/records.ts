import type { MessageWriter } from './message-writer.ts';
import { HEADER_BYTES, MAX_LABEL_BYTES, MAX_NAME_BYTES, POINTER, POINTER_REACH, TYPE } from './numbers.ts';

/** The message is malformed and counts as no response. */
export class BadMessage extends Error {}

const SECTIONS = ['answer', 'authority', 'additional'] as const;
export type Section = (typeof SECTIONS)[number];

/** The offsets of one record in its message. */
export interface RecordPlace {
  readonly section: Section;
  readonly type: number;
  readonly ttlAt: number;
  /** After the data. */
  readonly end: number;
}

/** Root name, type, class, TTL and length, without data. */
const MIN_RECORD_BYTES = 11;

type Layout = readonly [before: number, names: number, after: number | undefined];

/**
 * The data layout of types with a fixed length or with names that may be compressed: bytes before the names, number of
 * names, bytes after them (undefined: any number). These are the types of RFC 1035 and those that older servers compress
 * (RFC 3597, 4). The data of all other types has no pointers and is not checked.
 */
const LAYOUTS: ReadonlyMap<number, Layout> = new Map([
  [TYPE.A, [4, 0, 0]],
  [TYPE.AAAA, [16, 0, 0]],
  // NS, MD, MF, CNAME, MB, MG, MR, PTR, DNAME.
  ...each([TYPE.NS, 3, 4, TYPE.CNAME, 7, 8, 9, TYPE.PTR, 39], [0, 1, 0]),
  [TYPE.SOA, [0, 2, 20]],
  // MINFO, RP.
  ...each([14, 17], [0, 2, 0]),
  // MX, AFSDB, RT, KX.
  ...each([15, 18, 21, 36], [2, 1, 0]),
  // PX.
  [26, [2, 2, 0]],
  [TYPE.SRV, [6, 1, 0]],
  // SIG, RRSIG.
  ...each([24, 46], [18, 1, undefined]),
  // NXT, NSEC.
  ...each([30, 47], [0, 1, undefined]),
] satisfies [number, Layout][]);

function each(types: readonly number[], layout: Layout): [number, Layout][] {
  return types.map(type => [type, layout]);
}

/** @returns the offset after the question */
export function questionEnd(message: Buffer): number {
  return endOfName(message, HEADER_BYTES, ignore) + 4;
}

/**
 * Locates the records of a message with one question. Checks that every name ends and that the data has the layout of
 * its type, so that clients need not.
 *
 * @param onPointer called with the offset of every compression pointer
 * @throws BadMessage, and nothing else for any input
 */
export function readRecords(message: Buffer, onPointer: (at: number) => void = ignore): RecordPlace[] {
  if (message.length < HEADER_BYTES) throw new BadMessage('the message is shorter than a header');
  let at = questionEnd(message);
  const counts = [6, 8, 10].map(offset => message.readUInt16BE(offset));
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total * MIN_RECORD_BYTES > message.length - at) {
    throw new BadMessage('the counts in the header exceed the message');
  }
  const records: RecordPlace[] = [];
  for (const [index, section] of SECTIONS.entries()) {
    for (let left = counts[index] ?? 0; left > 0; left--) {
      const fixed = endOfName(message, at, onPointer);
      if (fixed + 10 > message.length) throw new BadMessage('a record exceeds the message');
      const type = message.readUInt16BE(fixed);
      const end = fixed + 10 + message.readUInt16BE(fixed + 8);
      if (end > message.length) throw new BadMessage('the data of a record exceeds the message');
      checkData(message, type, { start: fixed + 10, end, onPointer });
      records.push({ section, type, ttlAt: fixed + 4, end });
      at = end;
    }
  }
  return records;
}

/** The offsets of all TTLs. OPT has other data in that field (RFC 6891, 6.1.3). */
export function ttlOffsets(message: Buffer): number[] {
  return readRecords(message)
    .filter(({ type }) => type !== TYPE.OPT)
    .map(({ ttlAt }) => ttlAt);
}

function checkData(
  message: Buffer,
  type: number,
  { start, end, onPointer }: { start: number; end: number; onPointer: (at: number) => void },
): void {
  const layout = LAYOUTS.get(type);
  if (layout === undefined) return;
  const [before, names, after] = layout;
  let at = start + before;
  for (let left = names; left > 0; left--) at = endOfName(message, at, onPointer);
  const rest = end - at;
  if (rest < 0 || (after !== undefined && rest !== after))
    throw new BadMessage('the data of a record has the wrong length for its type');
}

/**
 * Returns the offset after a name. Every pointer must point before the previous one, which rules out loops (RFC 1035,
 * 4.1.4).
 */
function endOfName(message: Buffer, start: number, onPointer: (at: number) => void): number {
  let length = 1;
  let at = start;
  let before = start;
  let end: number | undefined;
  for (;;) {
    const head = message[at];
    if (head === undefined) throw new BadMessage('a name exceeds the message');
    if (head === 0) return end ?? at + 1;
    if (head >= 0xc0) {
      const low = message[at + 1];
      if (low === undefined) throw new BadMessage('a pointer exceeds the message');
      const target = ((head & 0x3f) << 8) | low;
      if (target >= before || target < HEADER_BYTES) throw new BadMessage('a pointer does not point back to a name');
      if (end === undefined) {
        onPointer(at);
        end = at + 2;
      }
      at = target;
      before = target;
    } else {
      if (head > MAX_LABEL_BYTES) throw new BadMessage('a label has an unknown kind');
      length += head + 1;
      at += head + 1;
      if (at > message.length || length > MAX_NAME_BYTES) throw new BadMessage('a name is too long');
    }
  }
}

function ignore(): void {}

/** Records of an upstream's response that go into a response of this server. */
export interface PassedOn {
  /** Checked by `readRecords`; has one question and no OPT. */
  readonly message: Buffer;
  /** The sections to pass on, without a gap from the first. */
  readonly sections: readonly Section[];
}

export interface Written {
  readonly counts: Readonly<Record<Section, number>>;
  /** Some records did not fit. */
  readonly truncated: boolean;
}

/**
 * Appends records byte for byte, so that types unknown to this server stay intact. Only compression pointers change if
 * the records move to another offset.
 *
 * Leaves out whole records that do not fit, and then all additional ones: a client would take half of the addresses for
 * all of them.
 *
 * @param nameAt offset in the new message of the uncompressed name that was the question of the old one
 */
export function passOn(
  { message, sections }: PassedOn,
  writer: MessageWriter,
  { nameAt, limit }: { readonly nameAt: number; readonly limit: number },
): Written {
  const pointers: number[] = [];
  const all = readRecords(message, at => pointers.push(at)).filter(({ section }) => sections.includes(section));
  const start = questionEnd(message);
  const shift = writer.at - start;
  const truncated = (all.at(-1)?.end ?? start) + shift > limit;
  const fitting = truncated ? all.filter(r => r.section !== 'additional' && r.end + shift <= limit) : all;
  const end = fitting.at(-1)?.end ?? start;
  const counts = { answer: 0, authority: 0, additional: 0 };
  const moved = new Map<number, number>();
  for (const at of shift === 0 ? [] : pointers.filter(pointer => pointer < end)) {
    const target = message.readUInt16BE(at) & POINTER_REACH;
    const place = target < start ? target - HEADER_BYTES + nameAt : target + shift;
    // Beyond the range of a pointer, or to the type or class of the question, which is no name.
    if (place > POINTER_REACH || (target >= start - 4 && target < start)) return { counts, truncated: true };
    moved.set(at + shift, POINTER | place);
  }
  message.copy(writer.bytes, writer.at, start, end);
  for (const [at, pointer] of moved) writer.bytes.writeUInt16BE(pointer, at);
  writer.at += end - start;
  for (const { section } of fitting) counts[section]++;
  return { counts, truncated };
}
