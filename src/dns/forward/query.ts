import { randomInt } from 'node:crypto';
import type { ForwardQuestion } from '../resolver.ts';

const HEADER_BYTES = 12;
/** What fits into every path without fragments (DNS flag day 2020). */
const ADVERTISED_BYTES = 1232;

const FLAG_RD = 0x0100;
/** Asks for the AD bit without asking for signatures (RFC 6840, 5.7). */
const FLAG_AD = 0x0020;
const FLAG_CD = 0x0010;
const FLAG_QR = 0x8000;
const OPCODE_MASK = 0x7800;
const EDNS_DO = 0x8000;
const TYPE_OPT = 41;

/** A query with an id of its own, the question's bytes as they came. */
export function buildQuery(question: ForwardQuestion, options: { readonly edns: boolean }): Buffer {
  const { name } = question;
  const end = questionEnd(question);
  const query = Buffer.alloc(end + (options.edns ? 11 : 0));
  // An id that nobody can guess is half of what keeps forged answers out; the source port is the other (RFC 5452).
  query.writeUInt16BE(randomInt(0x10000), 0);
  query.writeUInt16BE(FLAG_RD | FLAG_AD | (question.checkingDisabled ? FLAG_CD : 0), 2);
  query.writeUInt16BE(1, 4);
  query.set(name, HEADER_BYTES);
  query.writeUInt16BE(question.type, HEADER_BYTES + name.length);
  query.writeUInt16BE(question.class, HEADER_BYTES + name.length + 2);
  if (options.edns) {
    query.writeUInt16BE(1, 10);
    // Root name (a zero byte), type, size, no extended rcode, version 0, flags, no options.
    query.writeUInt16BE(TYPE_OPT, end + 1);
    query.writeUInt16BE(ADVERTISED_BYTES, end + 3);
    query.writeUInt16BE(question.dnssecOk ? EDNS_DO : 0, end + 7);
  }
  return query;
}

/** Where the question ends, in the query and in every answer to it. */
export function questionEnd(question: ForwardQuestion): number {
  return HEADER_BYTES + question.name.length + 4;
}

/**
 * Whether a message answers a query: a response with its id, and its question byte for byte, so that the case of the
 * letters counts as well (0x20).
 */
export function answersTo(query: Buffer, message: Buffer, end: number): boolean {
  if (message.length < end) return false;
  const flags = message.readUInt16BE(2);
  if ((flags & FLAG_QR) === 0 || (flags & OPCODE_MASK) !== 0) return false;
  if (message.readUInt16BE(0) !== query.readUInt16BE(0) || message.readUInt16BE(4) !== 1) return false;
  return message.compare(query, HEADER_BYTES, end, HEADER_BYTES, end) === 0;
}
