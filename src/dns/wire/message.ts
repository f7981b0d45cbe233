import type { Answer } from 'dns-packet';
import { RCODE } from '../../net/index.ts';
import { MessageWriter } from './message-writer.ts';
import { EDNS_UDP_BYTES, FLAG, HEADER_BYTES, TYPE } from './numbers.ts';
import { ownCopy } from './own-copy.ts';
import { type PassedOn, passOn, type Written } from './pass-on.ts';

/** The parts of a query that its response needs. */
export interface Query {
  /** The whole message. */
  readonly message: Uint8Array;
  readonly id: number;
  /** The header's second 16 bits. */
  readonly flags: number;
  /** Offset after the question's name; 0 if the question is unreadable, and so left out of the response. */
  readonly nameEnd: number;
  /** The name in lower case, as `textOf` writes it. */
  readonly name: string;
  readonly hasOpt: boolean;
  readonly dnssecOk: boolean;
}

/** The content of a response. */
export interface Reply {
  readonly rcode: number;
  readonly authoritative: boolean;
  readonly recursion: boolean;
  /** The AD bit: an upstream has validated the answer. */
  readonly authenticated: boolean;
  readonly answers: readonly Answer[];
  readonly authorities: readonly Answer[];
  readonly additionals: readonly Answer[];
  /** Records of an upstream's response; `answers` then holds only the CNAME records that lead to its question. */
  readonly passedOn?: PassedOn;
  readonly extendedError?: { readonly code: number; readonly text: string };
}

/** A response without records. */
export const EMPTY_REPLY: Reply = {
  rcode: RCODE.NOERROR,
  authoritative: false,
  recursion: false,
  authenticated: false,
  answers: [],
  authorities: [],
  additionals: [],
};

export interface Encoded {
  readonly bytes: Buffer;
  readonly truncated: boolean;
}

const writer = new MessageWriter();

/**
 * Encodes a response of at most `limit` bytes. Leaves out whole records that do not fit, additional ones first, and sets
 * TC. Repeats the question byte for byte, since some clients check its case.
 *
 * @param rotation offset of the first address, to spread clients that take the first one
 */
export function encodeReply(query: Query, reply: Reply, limit: number, rotation = 0): Encoded {
  const { message, nameEnd } = query;
  const questionEnd = nameEnd === 0 ? HEADER_BYTES : nameEnd + 4;
  writer.bytes.set(message.subarray(HEADER_BYTES, questionEnd), HEADER_BYTES);
  writer.start(questionEnd, nameEnd === 0 ? '' : query.name, HEADER_BYTES);
  const option = query.hasOpt ? optBytes(query.dnssecOk, reply) : undefined;
  const room = limit - (option?.length ?? 0);

  const { counts, truncated } = writeRecords(reply, rotation, room);
  if (option !== undefined) {
    writer.bytes.set(option, writer.at);
    writer.at += option.length;
  }
  const bytes = ownCopy(writer.bytes.subarray(0, writer.at));
  bytes.writeUInt16BE(query.id, 0);
  bytes.writeUInt16BE(headerFlags(query, reply) | (truncated ? FLAG.TC : 0), 2);
  bytes.writeUInt16BE(nameEnd === 0 ? 0 : 1, 4);
  bytes.writeUInt16BE(counts.answer, 6);
  bytes.writeUInt16BE(counts.authority, 8);
  bytes.writeUInt16BE(counts.additional + (option === undefined ? 0 : 1), 10);
  return { bytes, truncated };
}

function writeRecords(reply: Reply, rotation: number, limit: number): Written {
  const answers = writeAll(rotated(reply.answers, rotation), limit);
  const counts = { answer: answers.count, authority: 0, additional: 0 };
  if (answers.full) return { counts, truncated: true };
  if (reply.passedOn !== undefined) {
    const nameAt = answers.count === 0 ? HEADER_BYTES : writer.lastAliasAt;
    const { counts: passed, truncated } = passOn(reply.passedOn, writer, { nameAt, limit });
    return { counts: { ...passed, answer: answers.count + passed.answer }, truncated };
  }
  const authorities = writeAll(reply.authorities, limit);
  counts.authority = authorities.count;
  if (authorities.full) return { counts, truncated: true };
  const end = writer.at;
  const additionals = writeAll(reply.additionals, limit);
  // A client would take half of the addresses for all of them.
  if (additionals.full) writer.at = end;
  else counts.additional = additionals.count;
  return { counts, truncated: additionals.full };
}

/** The number of different rotationCount of the addresses; with 0 or 1 there is nothing to rotate. */
export function rotationCount(answers: readonly Answer[]): number {
  return answers.length - firstAddress(answers);
}

/** Copies RD, CD and the opcode from the query; the reserved bit stays zero (RFC 1035, RFC 6840). */
function headerFlags({ flags }: Query, reply: Reply): number {
  return (
    FLAG.QR |
    (flags & (FLAG.OPCODE | FLAG.RD | FLAG.CD)) |
    (reply.authoritative ? FLAG.AA : 0) |
    (reply.recursion ? FLAG.RA : 0) |
    (reply.authenticated ? FLAG.AD : 0) |
    (reply.rcode & 0xf)
  );
}

function writeAll(records: readonly Answer[], limit: number): { readonly count: number; readonly full: boolean } {
  let count = 0;
  for (const record of records) {
    if (!writer.record(record, limit)) return { count, full: true };
    count++;
  }
  return { count, full: false };
}

/** Rotates the addresses at the end of the answer; CNAME records before them keep their place. */
function rotated(answers: readonly Answer[], by: number): readonly Answer[] {
  if (by === 0) return answers;
  const first = firstAddress(answers);
  const turn = first + (by % Math.max(1, answers.length - first));
  return [...answers.slice(0, first), ...answers.slice(turn), ...answers.slice(first, turn)];
}

function firstAddress(answers: readonly Answer[]): number {
  let first = answers.length;
  while (first > 0 && isAddress(answers[first - 1])) first--;
  return first;
}

function isAddress(answer: Answer | undefined): boolean {
  return answer?.type === 'A' || answer?.type === 'AAAA';
}

/** Extended DNS Error (RFC 8914). */
const OPTION_EXTENDED_ERROR = 15;

function optBytes(dnssecOk: boolean, { rcode, extendedError }: Reply): Buffer {
  const error = extendedError === undefined || rcode === RCODE.NOERROR ? undefined : extendedError;
  const text = Buffer.from(error?.text ?? '').subarray(0, 128);
  const options = error === undefined ? 0 : 6 + text.length;
  const bytes = Buffer.alloc(11 + options);
  bytes.writeUInt16BE(TYPE.OPT, 1);
  bytes.writeUInt16BE(EDNS_UDP_BYTES, 3);
  bytes.writeUInt8(rcode >> 4, 5);
  // Version 0 is already there; DO is the first of the flags.
  bytes.writeUInt16BE(dnssecOk ? 0x8000 : 0, 7);
  bytes.writeUInt16BE(options, 9);
  if (error !== undefined) {
    bytes.writeUInt16BE(OPTION_EXTENDED_ERROR, 11);
    bytes.writeUInt16BE(2 + text.length, 13);
    bytes.writeUInt16BE(error.code, 15);
    bytes.set(text, 17);
  }
  return bytes;
}
