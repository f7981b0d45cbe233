import type { Answer } from 'dns-packet';
import { BadMessage, expandName, expandRdata } from './expand.ts';
import { toAnswer } from './records.ts';

/** An upstream's message, read. */
export interface ReadAnswer {
  /** With the upper bits that EDNS adds. */
  readonly rcode: number;
  readonly truncated: boolean;
  readonly authenticated: boolean;
  readonly answers: readonly Answer[];
  readonly authorities: readonly Answer[];
  readonly additionals: readonly Answer[];
  /** What it took on the wire. */
  readonly bytes: number;
}

const FLAG_TC = 0x0200;
const FLAG_AD = 0x0020;
const TYPE_OPT = 41;
/** Belong to one hop: OPT (RFC 6891), TSIG (RFC 8945). */
const HOP_TYPES = new Set([TYPE_OPT, 250]);
/** The root as name, type, class, TTL, length, and no data. */
const SMALLEST_RECORD = 11;

/**
 * Reads a message whose header and question have been checked already (`answersTo`).
 *
 * @param start - where the question ends
 * @throws BadMessage; nothing else, whatever the bytes are
 */
export function readAnswer(message: Buffer, start: number): ReadAnswer {
  const flags = message.readUInt16BE(2);
  const counts = [6, 8, 10].map(at => message.readUInt16BE(at));
  const truncated = (flags & FLAG_TC) !== 0;
  let rcode = flags & 0xf;
  const base = { truncated, authenticated: (flags & FLAG_AD) !== 0, bytes: message.length };
  // It is asked again over TCP; half a message need not be read.
  if (truncated) return { ...base, rcode, answers: [], authorities: [], additionals: [] };
  const all = counts.reduce((sum, count) => sum + count, 0);
  if (all * SMALLEST_RECORD > message.length - start)
    throw new BadMessage('it promises more records than it has room for');
  const sections: Answer[][] = [];
  let at = start;
  for (const count of counts) {
    const section: Answer[] = [];
    for (let index = 0; index < count; index++) {
      const { name, head, end } = place(message, at);
      const type = message.readUInt16BE(head);
      if (type === TYPE_OPT) rcode |= (message[head + 4] ?? 0) << 4;
      if (!HOP_TYPES.has(type)) {
        const rdata = expandRdata(message, type, head + 10, end);
        // A TTL with its highest bit set is none (RFC 2181, 8).
        const ttl = message.readInt32BE(head + 4);
        section.push(toAnswer({ name, type, class: message.readUInt16BE(head + 2), ttl: Math.max(0, ttl), rdata }));
      }
      at = end;
    }
    sections.push(section);
  }
  const [answers = [], authorities = [], additionals = []] = sections;
  return { ...base, rcode, answers, authorities, additionals };
}

/** Where a record's parts are. `head`: its type, class, TTL and length; its rdata is behind. */
function place(message: Buffer, start: number): { name: Buffer; head: number; end: number } {
  const { bytes: name, next: head } = expandName(message, start);
  if (head + 10 > message.length) throw new BadMessage('a record goes on behind the end');
  const end = head + 10 + message.readUInt16BE(head + 8);
  if (end > message.length) throw new BadMessage('rdata goes on behind the end');
  return { name, head, end };
}
