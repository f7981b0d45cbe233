import { ownCopy } from '../bounded-cache.ts';
import type { ForwardedAnswer } from '../resolver.ts';
import { FLAG, TYPE } from '../wire/numbers.ts';
import { BadMessage, questionEnd, readRecords } from '../wire/records.ts';

/** An upstream's response, checked, and without records that are hop by hop. */
export type UpstreamResponse = ForwardedAnswer & { readonly message: Buffer };

/** Types that are hop by hop: OPT (RFC 6891), TSIG (RFC 8945). */
const HOP_TYPES: ReadonlySet<number> = new Set([TYPE.OPT, 250]);
const COUNTS_AT = 6;
/** Longer TTLs are shortened, so that a wrong record does not last for days. */
const MAX_TTL_SECONDS = 3600;

/**
 * Reads a message whose header and question match the query.
 *
 * Removes OPT and all records after it, since without OPT their compression pointers would be wrong. Servers write OPT
 * last, and additional records are optional.
 *
 * @throws BadMessage, and nothing else for any input
 */
export function readResponse(message: Buffer): UpstreamResponse {
  const flags = message.readUInt16BE(2);
  let rcode = flags & 0xf;
  const authenticated = (flags & FLAG.AD) !== 0;
  // The query is repeated over TCP, so ignore the records.
  if ((flags & FLAG.TC) !== 0) {
    const head = Buffer.from(message.subarray(0, questionEnd(message)));
    head.fill(0, COUNTS_AT, COUNTS_AT + 6);
    return { rcode, truncated: true, authenticated, message: head };
  }
  const records = readRecords(message);
  let left = records.length;
  for (const [index, { type, section, ttlAt }] of records.entries()) {
    if (!HOP_TYPES.has(type)) continue;
    if (section !== 'additional') throw new BadMessage('OPT or TSIG is outside the additional section');
    if (type === TYPE.OPT) rcode |= (message[ttlAt] ?? 0) << 4;
    left = Math.min(left, index);
  }
  const kept = records.slice(0, left);
  const copy = ownCopy(message.subarray(0, kept.at(-1)?.end ?? questionEnd(message)));
  copy.writeUInt16BE(kept.filter(({ section }) => section === 'additional').length, COUNTS_AT + 4);
  for (const { ttlAt } of kept) {
    // A TTL with its highest bit set means 0 (RFC 2181, 8).
    const ttl = Math.max(0, copy.readInt32BE(ttlAt));
    copy.writeUInt32BE(Math.min(ttl, MAX_TTL_SECONDS), ttlAt);
  }
  return { rcode, authenticated, message: copy };
}
