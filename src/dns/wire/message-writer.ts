import dnsPacket, { type Answer, type SoaAnswer } from 'dns-packet';
import ipaddr from 'ipaddr.js';
import { CLASS_IN, HEADER_BYTES, TCP_BYTES, TYPE } from './numbers.ts';

/** The largest offset that a compression pointer can hold (RFC 1035, 4.1.4). */
const POINTER_REACH = 0x3fff;
const POINTER = 0xc000;

/**
 * Writes this server's own records with compressed names. dns-packet does not compress: 100 addresses of a Service take
 * 1.6 KB here and 5 KB there. Compresses names in rdata only for types of RFC 1035, which every resolver knows (RFC 3597,
 * 4). dns-packet writes TXT and HINFO. One writer serves all messages.
 */
export class MessageWriter {
  readonly bytes = Buffer.allocUnsafe(TCP_BYTES + 1024);
  at = 0;
  /** Offset of the uncompressed target of the last CNAME record. */
  lastAliasAt = 0;
  /** Offsets of every suffix of the question's name, and of the names written since. */
  readonly #questionNames = new Map<string, number>();
  readonly #writtenNames = new Map<string, number>();

  /** Starts a message after its header and question. @param question the name at offset `at`, as lower-case text */
  start(end: number, question: string, at: number): void {
    this.at = end;
    this.#questionNames.clear();
    this.#writtenNames.clear();
    let text = question;
    for (let place = at; (this.bytes[place] ?? 0) !== 0; ) {
      this.#questionNames.set(text, place);
      const length = this.bytes[place] ?? 0;
      // An escaped label is longer as text than on the wire.
      const dot = nextDot(text);
      text = dot < 0 ? '' : text.slice(dot + 1);
      place += length + 1;
    }
  }

  /** Writes a whole record, or nothing if it would end after `limit`. */
  record(answer: Answer, limit: number): boolean {
    const start = this.at;
    // The buffer has room for one record beyond the largest message.
    if (start > limit) return false;
    this.#name(answer.name, this.#questionNames, this.#writtenNames);
    if (!this.#writeKnown(answer)) this.#writeOther(answer);
    if (this.at <= limit) return true;
    this.at = start;
    this.#forgetFrom(start);
    return false;
  }

  number16(value: number): void {
    this.at = this.bytes.writeUInt16BE(value, this.at);
  }

  number32(value: number): void {
    this.at = this.bytes.writeUInt32BE(value, this.at);
  }

  /** Writes frequent types without building a separate message. @returns false for other types */
  #writeKnown(answer: Answer): boolean {
    if (answer.type === 'OPT') return false;
    const ttl = answer.ttl ?? 0;
    switch (answer.type) {
      case 'A':
      case 'AAAA': {
        const length = this.#fixed(TYPE[answer.type], ttl);
        const octets = ipaddr.parse(answer.data).toByteArray();
        this.bytes.set(octets, this.at);
        this.at += octets.length;
        return this.#end(length);
      }
      case 'CNAME': {
        const length = this.#fixed(TYPE.CNAME, ttl);
        this.lastAliasAt = this.at;
        // Uncompressed, because records of an upstream may point to any part of it.
        this.#name(answer.data, NOWHERE);
        return this.#end(length);
      }
      case 'PTR':
      case 'NS': {
        const length = this.#fixed(TYPE[answer.type], ttl);
        this.#name(answer.data, this.#writtenNames);
        return this.#end(length);
      }
      case 'SRV': {
        const length = this.#fixed(TYPE.SRV, ttl);
        this.number16(answer.data.priority ?? 0);
        this.number16(answer.data.weight ?? 0);
        this.number16(answer.data.port);
        // RFC 2782 forbids compression here.
        this.#name(answer.data.target, NOWHERE);
        return this.#end(length);
      }
      case 'SOA':
        return this.#soa(answer, ttl);
      default:
        return false;
    }
  }

  #soa({ data }: SoaAnswer, ttl: number): boolean {
    const length = this.#fixed(TYPE.SOA, ttl);
    this.#name(data.mname, this.#writtenNames);
    this.#name(data.rname, this.#writtenNames);
    this.number32(data.serial ?? 0);
    this.number32(data.refresh ?? 0);
    this.number32(data.retry ?? 0);
    this.number32(data.expire ?? 0);
    this.number32(data.minimum ?? 0);
    return this.#end(length);
  }

  #writeOther(answer: Answer): void {
    const alone = dnsPacket.encode({ type: 'response', answers: [{ ...answer, name: '.' }] });
    // Skip the header and the root owner; type, class, TTL, length and data follow.
    this.at += alone.copy(this.bytes, this.at, HEADER_BYTES + 1);
  }

  /** Writes type, class, TTL and a placeholder for the length. @returns the offset of the length */
  #fixed(type: number, ttl: number): number {
    this.number16(type);
    this.number16(CLASS_IN);
    this.number32(ttl);
    this.at += 2;
    return this.at - 2;
  }

  #end(length: number): true {
    this.bytes.writeUInt16BE(this.at - length - 2, length);
    return true;
  }

  /** @param places names to point to. Names in rdata do not point to the question, whose case is the client's. */
  #name(text: string, places: ReadonlyMap<string, number>, more: ReadonlyMap<string, number> = NOWHERE): void {
    let rest = text.endsWith('.') ? text.slice(0, -1) : text;
    while (rest !== '') {
      const known = places.get(rest) ?? more.get(rest);
      if (known !== undefined) {
        this.number16(POINTER | known);
        return;
      }
      if (this.at <= POINTER_REACH) this.#writtenNames.set(rest, this.at);
      const dot = rest.indexOf('.');
      const label = dot < 0 ? rest : rest.slice(0, dot);
      const length = this.bytes.write(label, this.at + 1);
      this.bytes[this.at] = length;
      this.at += length + 1;
      rest = dot < 0 ? '' : rest.slice(dot + 1);
    }
    this.bytes[this.at++] = 0;
  }

  #forgetFrom(start: number): void {
    for (const [name, at] of this.#writtenNames) if (at >= start) this.#writtenNames.delete(name);
  }
}

const NOWHERE: ReadonlyMap<string, number> = new Map();

/** The first dot that is not escaped. */
function nextDot(text: string): number {
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '.') return at;
  }
  return -1;
}
