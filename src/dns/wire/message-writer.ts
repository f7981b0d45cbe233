import dnsPacket, { type Answer } from 'dns-packet';
import { HEADER_BYTES, POINTER, POINTER_REACH, TCP_BYTES } from './numbers.ts';

/** Type, class, TTL and length before the data of a record. */
const FIXED_BYTES = 10;

/**
 * Writes this server's own records with compressed names. dns-packet writes the records but does not compress: 100
 * addresses of a Service take 1.6 KB here and 5 KB there. Compresses names in rdata only for types of RFC 1035, which
 * every resolver knows (RFC 3597, 4). One writer serves all messages.
 */
export class MessageWriter {
  readonly bytes = Buffer.allocUnsafe(TCP_BYTES + 1024);
  at = 0;
  /** Offset of the uncompressed target of the last CNAME record. */
  lastAliasAt = 0;
  /** Offsets of every suffix of the question's name, and of the names written since; in lower case. */
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
      text = text.replace(/^(\\.|[^.\\])*\.?/s, '');
      place += length + 1;
    }
  }

  /** Writes a whole record, or nothing if it would end after `limit`. */
  record(answer: Answer, limit: number): boolean {
    const start = this.at;
    // The buffer has room for one record beyond the largest message.
    if (start > limit) return false;
    this.#name(answer.name, this.#questionNames, this.#writtenNames);
    const alone = dnsPacket.encode({ type: 'response', answers: [{ ...answer, name: '.' }] });
    // After the header and the root name.
    const record = alone.subarray(HEADER_BYTES + 1);
    const dataAt = this.at + FIXED_BYTES;
    this.at += record.copy(this.bytes, this.at);
    this.#compressData(answer, dataAt);
    this.bytes.writeUInt16BE(this.at - dataAt, dataAt - 2);
    if (this.at <= limit) return true;
    this.at = start;
    for (const [name, at] of this.#writtenNames) if (at >= start) this.#writtenNames.delete(name);
    return false;
  }

  /** Writes the names at the start of the data again. */
  #compressData(answer: Answer, dataAt: number): void {
    if (answer.type === 'CNAME') {
      this.lastAliasAt = dataAt;
      // Uncompressed, because records of an upstream may point to any part of it.
      this.at = dataAt;
      this.#name(answer.data, NOWHERE);
    } else if (answer.type === 'PTR' || answer.type === 'NS') {
      this.at = dataAt;
      this.#name(answer.data, this.#writtenNames);
    } else if (answer.type === 'SOA') {
      const numbers = Buffer.from(this.bytes.subarray(this.at - SOA_NUMBERS_BYTES, this.at));
      this.at = dataAt;
      this.#name(answer.data.mname, this.#writtenNames);
      this.#name(answer.data.rname, this.#writtenNames);
      this.at += numbers.copy(this.bytes, this.at);
    }
  }

  /** @param places names to point to. Names in rdata do not point to the question, whose case is the client's. */
  #name(text: string, places: ReadonlyMap<string, number>, more: ReadonlyMap<string, number> = NOWHERE): void {
    let rest = text.endsWith('.') ? text.slice(0, -1) : text;
    while (rest !== '') {
      const key = rest.toLowerCase();
      const known = places.get(key) ?? more.get(key);
      if (known !== undefined) {
        this.at = this.bytes.writeUInt16BE(POINTER | known, this.at);
        return;
      }
      if (this.at <= POINTER_REACH) this.#writtenNames.set(key, this.at);
      const [label = ''] = rest.split('.', 1);
      const length = this.bytes.write(label, this.at + 1);
      this.bytes[this.at] = length;
      this.at += length + 1;
      rest = rest.slice(label.length + 1);
    }
    this.bytes[this.at++] = 0;
  }
}

const NOWHERE: ReadonlyMap<string, number> = new Map();
const SOA_NUMBERS_BYTES = 20;
