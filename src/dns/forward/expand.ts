/** RFC 1035, 2.3.4. */
const MOST_NAME_BYTES = 255;

/** A message that cannot be read; it counts as no answer. */
export class BadMessage extends Error {}

export interface ExpandedName {
  /** Without pointers. */
  readonly bytes: Buffer;
  /** Where reading goes on behind the name. */
  readonly next: number;
}

/**
 * A name of a message without its pointers. A pointer leads to an earlier place than that which it is met at, so that
 * none can go round (RFC 1035, 4.1.4).
 *
 * @throws BadMessage
 */
export function expandName(message: Buffer, start: number): ExpandedName {
  const parts: Buffer[] = [];
  let length = 1;
  let at = start;
  let before = start;
  let next: number | undefined;
  for (;;) {
    const head = message[at];
    if (head === undefined) throw new BadMessage('a name goes on behind the end');
    if (head === 0) break;
    if (head >= 0xc0) {
      const low = message[at + 1];
      if (low === undefined) throw new BadMessage('a pointer goes on behind the end');
      const target = ((head & 0x3f) << 8) | low;
      if (target >= before) throw new BadMessage('a pointer does not lead back');
      next ??= at + 2;
      at = target;
      before = target;
    } else if (head >= 0x40) throw new BadMessage('a label of an unknown kind');
    else {
      const end = at + 1 + head;
      length += head + 1;
      if (end > message.length || length > MOST_NAME_BYTES) throw new BadMessage('a name is too long');
      parts.push(message.subarray(at, end));
      at = end;
    }
  }
  parts.push(ROOT);
  return { bytes: Buffer.concat(parts), next: next ?? at + 1 };
}

const ROOT = Buffer.of(0);

/** A field of rdata: so many bytes, a name, a string with its length before it, or all that is left. */
type Field = number | 'name' | 'string' | 'rest';

/**
 * The types whose rdata may hold pointers: those of RFC 1035, and those that older servers compress as well, which a
 * receiver has to put up with (RFC 3597, 4). Of all others the bytes are passed on as they are.
 */
const LAYOUTS: ReadonlyMap<number, readonly Field[]> = new Map<number, readonly Field[]>([
  [1, [4]], // A
  [2, ['name']], // NS
  [3, ['name']], // MD
  [4, ['name']], // MF
  [5, ['name']], // CNAME
  [6, ['name', 'name', 20]], // SOA
  [7, ['name']], // MB
  [8, ['name']], // MG
  [9, ['name']], // MR
  [12, ['name']], // PTR
  [14, ['name', 'name']], // MINFO
  [15, [2, 'name']], // MX
  [17, ['name', 'name']], // RP
  [18, [2, 'name']], // AFSDB
  [21, [2, 'name']], // RT
  [24, [18, 'name', 'rest']], // SIG
  [26, [2, 'name', 'name']], // PX
  [28, [16]], // AAAA
  [30, ['name', 'rest']], // NXT
  [33, [6, 'name']], // SRV
  [35, [4, 'string', 'string', 'string', 'name']], // NAPTR
  [36, [2, 'name']], // KX
  [39, ['name']], // DNAME
  [46, [18, 'name', 'rest']], // RRSIG
  [47, ['name', 'rest']], // NSEC
]);

/**
 * The rdata of a record without pointers into its message.
 *
 * @throws BadMessage where the fields of a known type do not fill it
 */
export function expandRdata(message: Buffer, type: number, start: number, end: number): Buffer {
  const layout = LAYOUTS.get(type);
  if (layout === undefined) return message.subarray(start, end);
  const parts: Buffer[] = [];
  let at = start;
  for (const field of layout) {
    const from = at;
    if (field === 'name') {
      const name = expandName(message, at);
      parts.push(name.bytes);
      at = name.next;
    } else {
      at = field === 'rest' ? end : field === 'string' ? at + 1 + (message[at] ?? 0) : at + field;
      parts.push(message.subarray(from, at));
    }
    if (at > end) throw new BadMessage('rdata is too short for its type');
  }
  if (at !== end) throw new BadMessage('rdata is too long for its type');
  return Buffer.concat(parts);
}
