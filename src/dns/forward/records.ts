import dnsPacket, { type Answer, type BufferAnswer } from 'dns-packet';
import { BadMessage } from './expand.ts';

/** A record as it stands on the wire, its names without pointers. */
export interface WireRecord {
  readonly name: Buffer;
  readonly type: number;
  readonly class: number;
  /** Seconds. */
  readonly ttl: number;
  readonly rdata: Buffer;
}

/**
 * A record in dns-packet's form, which becomes the same bytes again when dns-packet encodes it.
 *
 * dns-packet reads many types into objects and text, and not every record survives that: a CAA record with unknown
 * flags, text that is no UTF-8, a dot within a label, rdata that is not what its type says. So each is encoded again
 * to see; what comes out otherwise is given as raw bytes (`UNKNOWN_257`, the form of RFC 3597), which dns-packet writes
 * as they are. An owner name that is no UTF-8 or has a dot in a label has no such form.
 *
 * @throws BadMessage where the owner's name cannot be said
 */
export function toAnswer(record: WireRecord): Answer {
  const wire = encodeAlone(record);
  const read = decoded(wire);
  if (read !== undefined && becomes(read, wire)) return read;
  const owner = decoded(encodeAlone({ ...record, type: TYPE_NULL }));
  if (owner !== undefined) {
    const raw = { ...owner, type: `UNKNOWN_${record.type}`, data: record.rdata };
    if (isRaw(raw) && becomes(raw, wire)) return raw;
  }
  throw new BadMessage('a record has an owner that cannot be passed on');
}

const HEADER_BYTES = 12;
/** Rdata of this type is bytes to dns-packet, whatever they are. */
const TYPE_NULL = 10;

/** A message that holds this record only, in its answer section. */
function encodeAlone(record: WireRecord): Buffer {
  const { name, rdata } = record;
  const wire = Buffer.alloc(HEADER_BYTES + name.length + 10 + rdata.length);
  wire.writeUInt16BE(0x8000, 2);
  wire.writeUInt16BE(1, 6);
  let at = HEADER_BYTES;
  wire.set(name, at);
  at = wire.writeUInt16BE(record.type, at + name.length);
  at = wire.writeUInt16BE(record.class, at);
  at = wire.writeUInt32BE(record.ttl, at);
  at = wire.writeUInt16BE(rdata.length, at);
  wire.set(rdata, at);
  return wire;
}

function decoded(wire: Buffer): Answer | undefined {
  try {
    return dnsPacket.decode(wire).answers?.[0];
  } catch {
    return undefined;
  }
}

function becomes(answer: Answer, wire: Buffer): boolean {
  try {
    return dnsPacket.encode({ type: 'response', answers: [answer] }).equals(wire);
  } catch {
    return false;
  }
}

/** dns-packet gives and takes `UNKNOWN_257` for type 257; its types only list the names that mean something. */
function isRaw(record: { name: string; type: string; data: Buffer }): record is BufferAnswer {
  return /^UNKNOWN_\d+$/.test(record.type);
}
