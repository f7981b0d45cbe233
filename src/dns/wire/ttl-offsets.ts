import { HEADER_BYTES, TYPE } from './numbers.ts';

const POINTER = 0xc0;
/** Type, class, TTL, length of the data (RFC 1035, 4.1.3). */
const FIXED_BYTES = 10;

/** Where the TTLs stand in a message of our own making with one question; that of OPT is none (RFC 6891, 6.1.3). */
export function ttlOffsets(message: Buffer): number[] {
  const records = message.readUInt16BE(6) + message.readUInt16BE(8) + message.readUInt16BE(10);
  const offsets: number[] = [];
  let at = afterName(message, HEADER_BYTES) + 4;
  for (let record = 0; record < records; record++) {
    at = afterName(message, at);
    if (message.readUInt16BE(at) !== TYPE.OPT) offsets.push(at + 4);
    at += FIXED_BYTES + message.readUInt16BE(at + 8);
  }
  return offsets;
}

function afterName(message: Buffer, start: number): number {
  let at = start;
  for (;;) {
    const length = message[at] ?? 0;
    if (length >= POINTER) return at + 2;
    at += 1 + length;
    if (length === 0) return at;
  }
}
