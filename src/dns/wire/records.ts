import { HEADER_BYTES, MAX_LABEL_BYTES, MAX_NAME_BYTES, TYPE } from './numbers.ts';

/** A message that cannot be read; it counts as no answer. */
export class BadMessage extends Error {}

const SECTIONS = ['answer', 'authority', 'additional'] as const;
export type Section = (typeof SECTIONS)[number];

/** One record of a message: where its parts stand. */
export interface RecordPlace {
  readonly section: Section;
  readonly type: number;
  readonly ttlAt: number;
  /** The offset behind its data. */
  readonly end: number;
}

/** The root as name, type, class, TTL, length, and no data. */
const MIN_RECORD_BYTES = 11;

type Layout = readonly [before: number, names: number, behind: number | undefined];

/**
 * The types whose data has a known length or may hold compressed names: bytes before the names, number of names, bytes
 * behind them (`undefined`: any number). They are the types of RFC 1035, and those that older servers compress as well
 * (RFC 3597, 4). The data of all other types holds no pointers and is not looked at.
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

/** The offset behind the question of a message that has one. */
export function questionEnd(message: Buffer): number {
  return endOfName(message, HEADER_BYTES, ignore) + 4;
}

/**
 * Reads where the records of a message with one question stand, and checks that every name ends and that the data has
 * the form of its type, so that no client has to.
 *
 * @param onPointer called with the place of every compression pointer
 * @throws BadMessage; nothing else, whatever the bytes are
 */
export function readRecords(message: Buffer, onPointer: (at: number) => void = ignore): RecordPlace[] {
  if (message.length < HEADER_BYTES) throw new BadMessage('it is shorter than a header');
  let at = questionEnd(message);
  const counts = [6, 8, 10].map(offset => message.readUInt16BE(offset));
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total * MIN_RECORD_BYTES > message.length - at) {
    throw new BadMessage('it promises more records than it has room for');
  }
  const records: RecordPlace[] = [];
  for (const [index, section] of SECTIONS.entries()) {
    for (let left = counts[index] ?? 0; left > 0; left--) {
      const fixed = endOfName(message, at, onPointer);
      if (fixed + 10 > message.length) throw new BadMessage('a record goes on behind the end');
      const type = message.readUInt16BE(fixed);
      const end = fixed + 10 + message.readUInt16BE(fixed + 8);
      if (end > message.length) throw new BadMessage('data goes on behind the end');
      checkData(message, type, { start: fixed + 10, end, onPointer });
      records.push({ section, type, ttlAt: fixed + 4, end });
      at = end;
    }
  }
  return records;
}

/** Where the TTLs of a message stand. That field of OPT holds no TTL (RFC 6891, 6.1.3). */
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
  const [before, names, behind] = layout;
  let at = start + before;
  for (let left = names; left > 0; left--) at = endOfName(message, at, onPointer);
  const rest = end - at;
  if (rest < 0 || (behind !== undefined && rest !== behind))
    throw new BadMessage('data has a length that its type forbids');
}

/**
 * The offset behind a name. Every pointer leads to an earlier place than the one before it, so that none can go round
 * (RFC 1035, 4.1.4).
 */
function endOfName(message: Buffer, start: number, onPointer: (at: number) => void): number {
  let length = 1;
  let at = start;
  let before = start;
  let end: number | undefined;
  for (;;) {
    const head = message[at];
    if (head === undefined) throw new BadMessage('a name goes on behind the end');
    if (head === 0) return end ?? at + 1;
    if (head >= 0xc0) {
      const low = message[at + 1];
      if (low === undefined) throw new BadMessage('a pointer goes on behind the end');
      const target = ((head & 0x3f) << 8) | low;
      if (target >= before || target < HEADER_BYTES) throw new BadMessage('a pointer does not lead back to a name');
      if (end === undefined) {
        onPointer(at);
        end = at + 2;
      }
      at = target;
      before = target;
    } else {
      if (head > MAX_LABEL_BYTES) throw new BadMessage('a label of an unknown kind');
      length += head + 1;
      at += head + 1;
      if (at > message.length || length > MAX_NAME_BYTES) throw new BadMessage('a name is too long');
    }
  }
}

function ignore(): void {}
