import dnsPacket, { type Answer, type SoaAnswer } from 'dns-packet';
import ipaddr from 'ipaddr.js';
import { CLASS_IN, HEADER_BYTES, TCP_BYTES, TYPE } from './numbers.ts';

/** Pointers reach so far (RFC 1035, 4.1.4). */
const POINTER_REACH = 0x3fff;
const POINTER = 0xc000;

/**
 * Writes records with their names compressed, which dns-packet does not: 100 addresses of a Service are 1.6 KB so, and
 * 5 KB otherwise. Names in rdata are compressed for the types of RFC 1035 only, which resolvers of all ages know (RFC
 * 3597, 4). TXT and HINFO are dns-packet's. One of these is used again for every message.
 */
export class MessageWriter {
  readonly bytes = Buffer.allocUnsafe(TCP_BYTES + 1024);
  at = 0;
  /** Where the target of the CNAME record that was written last stands, whole. */
  lastAliasAt = 0;
  /** Name -> where it stands, for every suffix of the question, and of the names that have been written since. */
  readonly #asked = new Map<string, number>();
  readonly #written = new Map<string, number>();

  /** Begins anew behind a header and a question, whose name (as text, small letters) stands at `at`. */
  start(end: number, question: string, at: number): void {
    this.at = end;
    this.#asked.clear();
    this.#written.clear();
    let text = question;
    for (let place = at; (this.bytes[place] ?? 0) !== 0; ) {
      this.#asked.set(text, place);
      const length = this.bytes[place] ?? 0;
      // Escapes make the text of a label longer than the label.
      const dot = nextDot(text);
      text = dot < 0 ? '' : text.slice(dot + 1);
      place += length + 1;
    }
  }

  /** Writes a record whole, or nothing at all if it would end behind `limit`. */
  record(answer: Answer, limit: number): boolean {
    const start = this.at;
    // The room behind the largest message is that of the largest record here.
    if (start > limit) return false;
    this.#name(answer.name, this.#asked, this.#written);
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

  /** The types of every day, without the cost of a message of their own. @returns whether it was one */
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
        // Without a pointer: records of another server may lead to any part of it.
        this.#name(answer.data, NOWHERE);
        return this.#end(length);
      }
      case 'PTR':
      case 'NS': {
        const length = this.#fixed(TYPE[answer.type], ttl);
        this.#name(answer.data, this.#written);
        return this.#end(length);
      }
      case 'SRV': {
        const length = this.#fixed(TYPE.SRV, ttl);
        this.number16(answer.data.priority ?? 0);
        this.number16(answer.data.weight ?? 0);
        this.number16(answer.data.port);
        // Never a pointer (RFC 2782).
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
    this.#name(data.mname, this.#written);
    this.#name(data.rname, this.#written);
    this.number32(data.serial ?? 0);
    this.number32(data.refresh ?? 0);
    this.number32(data.retry ?? 0);
    this.number32(data.expire ?? 0);
    this.number32(data.minimum ?? 0);
    return this.#end(length);
  }

  #writeOther(answer: Answer): void {
    const alone = dnsPacket.encode({ type: 'response', answers: [{ ...answer, name: '.' }] });
    // Behind the header and the root as owner; type, class, TTL and length as they are.
    this.at += alone.copy(this.bytes, this.at, HEADER_BYTES + 1);
  }

  /** Type, class, TTL and room for the length. @returns where the length is */
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

  /** @param places names that a pointer may lead to. Names in rdata keep their case, and the question has the asker's */
  #name(text: string, places: ReadonlyMap<string, number>, more: ReadonlyMap<string, number> = NOWHERE): void {
    let rest = text.endsWith('.') ? text.slice(0, -1) : text;
    while (rest !== '') {
      const known = places.get(rest) ?? more.get(rest);
      if (known !== undefined) {
        this.number16(POINTER | known);
        return;
      }
      if (this.at <= POINTER_REACH) this.#written.set(rest, this.at);
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
    for (const [name, at] of this.#written) if (at >= start) this.#written.delete(name);
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
