import { FLAG, TYPE } from '../wire/numbers.ts';
import { ownCopy } from '../wire/own-copy.ts';
import { BadMessage, questionEnd, readRecords } from '../wire/records.ts';

/** An upstream's response, checked, and without what belongs to one hop. */
export interface UpstreamResponse {
  /** With the upper bits that EDNS adds. */
  readonly rcode: number;
  readonly truncated: boolean;
  readonly authenticated: boolean;
  /** See `ForwardedAnswer`; a copy. Of a truncated response only header and question. */
  readonly message: Buffer;
}

/** Belong to one hop: OPT (RFC 6891), TSIG (RFC 8945). */
const HOP_TYPES: ReadonlySet<number> = new Set([TYPE.OPT, 250]);
const COUNTS_AT = 6;

/**
 * Reads a message whose header and question have been checked already (`answersTo`).
 *
 * Additional records behind an OPT are left out with it, since pointers could not stay what they are; servers write it
 * last, and clients ask for what they miss.
 *
 * @throws BadMessage; nothing else, whatever the bytes are
 */
export function readResponse(message: Buffer): UpstreamResponse {
  const flags = message.readUInt16BE(2);
  let rcode = flags & 0xf;
  const authenticated = (flags & FLAG.AD) !== 0;
  // It is asked again over TCP; half a message need not be read.
  if ((flags & FLAG.TC) !== 0) {
    const head = Buffer.from(message.subarray(0, questionEnd(message)));
    head.fill(0, COUNTS_AT, COUNTS_AT + 6);
    return { rcode, truncated: true, authenticated, message: head };
  }
  const records = readRecords(message);
  let left = records.length;
  for (const [index, { type, section, ttlAt }] of records.entries()) {
    if (!HOP_TYPES.has(type)) continue;
    if (section !== 'additional') throw new BadMessage('OPT or TSIG is not among the additional records');
    if (type === TYPE.OPT) rcode |= (message[ttlAt] ?? 0) << 4;
    left = Math.min(left, index);
  }
  const kept = records.slice(0, left);
  const copy = ownCopy(message.subarray(0, kept.at(-1)?.end ?? questionEnd(message)));
  copy.writeUInt16BE(kept.filter(({ section }) => section === 'additional').length, COUNTS_AT + 4);
  // A TTL with its highest bit set is none (RFC 2181, 8).
  for (const { ttlAt } of kept) if (copy.readInt32BE(ttlAt) < 0) copy.writeUInt32BE(0, ttlAt);
  return { rcode, truncated: false, authenticated, message: copy };
}
