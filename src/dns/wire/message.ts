import type { Answer } from 'dns-packet';
import { MessageWriter } from './message-writer.ts';
import { EDNS_UDP_BYTES, FLAG, HEADER_BYTES, RCODE, TYPE } from './numbers.ts';
import { ownCopy } from './own-copy.ts';
import { type PassedOn, passOn, type Written } from './pass-on.ts';

/** A question as an answer needs it. */
export interface Asked {
  /** The whole message. */
  readonly message: Uint8Array;
  readonly id: number;
  /** The header's second 16 bits. */
  readonly flags: number;
  /** Where the question's name ends; 0: the question could not be read, and is not repeated. */
  readonly nameEnd: number;
  /** The name in small letters, as `textOf` gives it. */
  readonly name: string;
  readonly hasOpt: boolean;
  readonly dnssecOk: boolean;
}

/** What is said in answer. */
export interface Reply {
  readonly rcode: number;
  readonly authoritative: boolean;
  readonly recursion: boolean;
  /** The AD bit: an upstream has validated it. */
  readonly authenticated: boolean;
  readonly answers: readonly Answer[];
  readonly authorities: readonly Answer[];
  readonly additionals: readonly Answer[];
  /** What another server has answered, behind our own answers: aliases that lead to its question. */
  readonly passedOn?: PassedOn;
  readonly extendedError?: { readonly code: number; readonly text: string };
}

/** Nothing but a code, to be made of. */
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
 * A reply as bytes, of at most `limit`. What does not fit is left out whole record by whole record, additional records
 * first, and the TC bit says so. The question is repeated byte for byte: case is what some askers recognise theirs by.
 *
 * @param rotation how far addresses are moved on, so that clients who take the first are spread
 */
export function encodeReply(asked: Asked, reply: Reply, limit: number, rotation = 0): Encoded {
  const { message, nameEnd } = asked;
  const questionEnd = nameEnd === 0 ? HEADER_BYTES : nameEnd + 4;
  writer.bytes.set(message.subarray(HEADER_BYTES, questionEnd), HEADER_BYTES);
  writer.start(questionEnd, nameEnd === 0 ? '' : asked.name, HEADER_BYTES);
  const option = asked.hasOpt ? optBytes(asked.dnssecOk, reply) : undefined;
  const room = limit - (option?.length ?? 0);

  const { counts, truncated } = writeRecords(reply, rotation, room);
  if (option !== undefined) {
    writer.bytes.set(option, writer.at);
    writer.at += option.length;
  }
  const bytes = ownCopy(writer.bytes.subarray(0, writer.at));
  bytes.writeUInt16BE(asked.id, 0);
  bytes.writeUInt16BE(headerFlags(asked, reply) | (truncated ? FLAG.TC : 0), 2);
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
  // Half of the addresses would pass for all of them.
  if (additionals.full) writer.at = end;
  else counts.additional = additionals.count;
  return { counts, truncated: additionals.full };
}

/** How many addresses a rotation may begin with; 0 or 1: there is nothing to rotate. */
export function rotations(answers: readonly Answer[]): number {
  return answers.length - firstAddress(answers);
}

/** RD, CD and the opcode come from the question; the bit that must be zero stays so (RFC 6840, RFC 1035). */
function headerFlags({ flags }: Asked, reply: Reply): number {
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

/** Addresses stand last in an answer; aliases before them keep their place. */
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
  // Version 0; then the flags, of which DO is the first.
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
