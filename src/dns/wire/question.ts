import { FLAG, HEADER_BYTES, MAX_LABEL_BYTES, MAX_NAME_BYTES, PLAIN_UDP_BYTES, TYPE } from './numbers.ts';

/**
 * The kind of a message: `question` can be looked up, `drop` gets no response, and the others get the response code of
 * that name.
 */
export type Reading = 'question' | 'drop' | 'FORMERR' | 'NOTIMP' | 'BADVERS';

/**
 * Reads the question of a message and its OPT record. One reader serves all packets and allocates nothing: a general
 * decoder would cost more than everything else in a cached answer.
 */
export class QuestionReader {
  /** The header's second 16 bits. */
  flags = 0;
  /** Offset after the name, which starts at 12; type and class follow. 0 if there is no readable name. */
  nameEnd = 0;
  type = 0;
  class = 0;
  hasOpt = false;
  /** The largest UDP response that the client accepts: 512 bytes without OPT. */
  payload = PLAIN_UDP_BYTES;
  dnssecOk = false;

  read(message: Uint8Array): Reading {
    this.nameEnd = 0;
    this.hasOpt = false;
    this.dnssecOk = false;
    this.payload = PLAIN_UDP_BYTES;
    if (message.length < HEADER_BYTES) return 'drop';
    this.flags = number16(message, 2);
    // Never respond to a response: two servers could keep each other busy forever.
    if ((this.flags & FLAG.QR) !== 0) return 'drop';
    if ((this.flags & FLAG.OPCODE) !== 0) return 'NOTIMP';
    // RFC 9619: exactly one question.
    if (number16(message, 4) !== 1) return 'FORMERR';
    const end = skipName(message, HEADER_BYTES);
    if (end === undefined || end + 4 > message.length) return 'FORMERR';
    this.nameEnd = end;
    this.type = number16(message, end);
    this.class = number16(message, end + 2);
    if (this.type === TYPE.OPT) return 'FORMERR';
    return this.#readRecords(message, end + 4);
  }

  /** A query has no answers, and authority only for IXFR (RFC 1995, 3). */
  #readRecords(message: Uint8Array, start: number): Reading {
    const answers = number16(message, 6);
    const authorities = number16(message, 8);
    const additionals = number16(message, 10);
    if (answers !== 0 || (authorities !== 0 && this.type !== TYPE.IXFR)) return 'FORMERR';
    let version = 0;
    let at = start;
    for (let index = 0; index < authorities + additionals; index++) {
      const fixed = skipName(message, at);
      if (fixed === undefined || fixed + 10 > message.length) return 'FORMERR';
      const end = fixed + 10 + number16(message, fixed + 8);
      if (end > message.length) return 'FORMERR';
      if (number16(message, fixed) === TYPE.OPT) {
        // At most one OPT, in the additional section, with the root as owner (RFC 6891, 6.1.1).
        if (this.hasOpt || index < authorities || fixed !== at + 1) return 'FORMERR';
        if (!optionsFit(message, fixed + 10, end)) return 'FORMERR';
        this.hasOpt = true;
        this.payload = Math.max(number16(message, fixed + 2), PLAIN_UDP_BYTES);
        version = message[fixed + 5] ?? 0;
        this.dnssecOk = ((message[fixed + 6] ?? 0) & 0x80) !== 0;
      }
      at = end;
    }
    return version === 0 ? 'question' : 'BADVERS';
  }
}

/** @returns the offset after a name; does not follow pointers. The question has none, since no name precedes it */
function skipName(message: Uint8Array, start: number): number | undefined {
  let at = start;
  for (;;) {
    const length = message[at];
    if (length === undefined) return undefined;
    if (length >= 0xc0 && start !== HEADER_BYTES) return at + 2;
    if (length > MAX_LABEL_BYTES) return undefined;
    at += length + 1;
    if (at - start > MAX_NAME_BYTES) return undefined;
    if (length === 0) return at;
  }
}

function optionsFit(message: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (at < end) {
    if (at + 4 > end) return false;
    at += 4 + number16(message, at + 2);
  }
  return at === end;
}

function number16(message: Uint8Array, at: number): number {
  return ((message[at] ?? 0) << 8) | (message[at + 1] ?? 0);
}
