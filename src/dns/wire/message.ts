import dnsPacket, { type Answer, type PacketOpt } from 'dns-packet';
import { RCODE } from '../../net/index.ts';
import { ownCopy } from '../bounded-cache.ts';
import { MessageWriter } from './message-writer.ts';
import { EDNS_UDP_BYTES, FLAG, HEADER_BYTES } from './numbers.ts';
import { type PassedOn, passOn, type Written } from './records.ts';

/** The parts of a query that its response needs. */
export interface Query {
  /** Header and question. */
  readonly message: Uint8Array;
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
  /** The upstream has more records, which it did not send. */
  readonly truncated?: boolean;
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
  /** Records are missing. */
  readonly truncated: boolean;
  /** The addresses at the end of the answer section, if there are several. */
  readonly addresses: AddressRange | undefined;
}

/** Adjacent records of the same size. */
export interface AddressRange {
  readonly start: number;
  readonly end: number;
  readonly size: number;
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
  const option = query.hasOpt ? optRecord({ dnssecOk: query.dnssecOk, ...reply }) : undefined;
  const room = limit - (option?.length ?? 0);

  const { counts, truncated, addresses } = writeRecords(reply, rotation, room);
  if (option !== undefined) {
    writer.bytes.set(option, writer.at);
    writer.at += option.length;
  }
  const bytes = ownCopy(writer.bytes.subarray(0, writer.at));
  bytes.set(message.subarray(0, 2));
  bytes.writeUInt16BE(headerFlags(query, reply) | (truncated ? FLAG.TC : 0), 2);
  bytes.writeUInt16BE(nameEnd === 0 ? 0 : 1, 4);
  bytes.writeUInt16BE(counts.answer, 6);
  bytes.writeUInt16BE(counts.authority, 8);
  bytes.writeUInt16BE(counts.additional + (option === undefined ? 0 : 1), 10);
  return { bytes, truncated, addresses };
}

function writeRecords(
  reply: Reply,
  rotation: number,
  limit: number,
): Written & { readonly addresses?: AddressRange | undefined } {
  const all = rotated(reply.answers, rotation);
  const answers = writeAll(all, limit);
  const counts = { answer: answers.starts.length, authority: 0, additional: 0 };
  const addresses = addressRange(all, answers.starts);
  if (answers.full) return { counts, truncated: true, addresses };
  if (reply.passedOn !== undefined) {
    const nameAt = counts.answer === 0 ? HEADER_BYTES : writer.lastAliasAt;
    const passed = passOn(reply.passedOn, writer, { nameAt, limit });
    const truncated = passed.truncated || reply.truncated === true;
    return { counts: { ...passed.counts, answer: counts.answer + passed.counts.answer }, truncated };
  }
  const authorities = writeAll(reply.authorities, limit);
  counts.authority = authorities.starts.length;
  if (authorities.full) return { counts, truncated: true, addresses };
  const end = writer.at;
  const additionals = writeAll(reply.additionals, limit);
  // A client would take half of the addresses for all of them.
  if (additionals.full) writer.at = end;
  else counts.additional = additionals.starts.length;
  return { counts, truncated: additionals.full, addresses };
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

/** @returns the offsets of the records, and whether one did not fit */
function writeAll(records: readonly Answer[], limit: number): { readonly starts: number[]; readonly full: boolean } {
  const starts: number[] = [];
  for (const record of records) {
    const start = writer.at;
    if (!writer.record(record, limit)) return { starts, full: true };
    starts.push(start);
  }
  return { starts, full: false };
}

/** Call when the answer section is complete. Excludes a first record of another size, whose owner is not compressed. */
function addressRange(answers: readonly Answer[], starts: readonly number[]): AddressRange | undefined {
  const end = writer.at;
  const last = starts.length - 1;
  const size = end - (starts[last] ?? end);
  let first = last + 1;
  while (isAddress(answers[first - 1]) && end - (starts[first - 1] ?? end) === size * (last + 2 - first)) first--;
  return first < last ? { start: starts[first] ?? end, end, size } : undefined;
}

/** Rotates the addresses, which are the last answers. */
function rotated(answers: readonly Answer[], by: number): readonly Answer[] {
  const first = answers.findIndex(isAddress);
  if (by === 0 || first < 0) return answers;
  const turn = first + (by % (answers.length - first));
  return [...answers.slice(0, first), ...answers.slice(turn), ...answers.slice(first, turn)];
}

function isAddress(answer: Answer | undefined): boolean {
  return answer?.type === 'A' || answer?.type === 'AAAA';
}

/** Extended DNS Error (RFC 8914). */
const OPTION_EXTENDED_ERROR = 15;
const MAX_ERROR_TEXT_BYTES = 128;

/** dns-packet encodes every option that has a code and data; its types name some of them only. */
function isOption(option: { readonly code: number; readonly data: Buffer }): option is PacketOpt & typeof option {
  return option.data.length > 0;
}

/** An OPT record (RFC 6891), with the upper bits of the response code, and with the reason for an error. */
export function optRecord(content: {
  readonly dnssecOk: boolean;
  readonly rcode?: number;
  readonly extendedError?: Reply['extendedError'];
}): Buffer {
  const { dnssecOk, rcode = RCODE.NOERROR, extendedError } = content;
  const options: PacketOpt[] = [];
  if (extendedError !== undefined && rcode !== RCODE.NOERROR) {
    const { code, text } = extendedError;
    const data = Buffer.concat([Buffer.of(code >> 8, code), Buffer.from(text).subarray(0, MAX_ERROR_TEXT_BYTES)]);
    const option = { code: OPTION_EXTENDED_ERROR, data };
    if (isOption(option)) options.push(option);
  }
  const opt = {
    type: 'OPT' as const,
    name: '.',
    udpPayloadSize: EDNS_UDP_BYTES,
    extendedRcode: rcode >> 4,
    ednsVersion: 0,
    flags: dnssecOk ? dnsPacket.DNSSEC_OK : 0,
    flag_do: dnssecOk,
    options,
  };
  return dnsPacket.encode({ additionals: [opt] }).subarray(HEADER_BYTES);
}
