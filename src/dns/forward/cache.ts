import type { ForwardedAnswer, ForwardQuestion } from '../resolver.ts';
import type { Clock } from './clock.ts';
import { countedDown, RCODE, withTtls } from './lifetime.ts';
import { lowerCased } from './wire-name.ts';

export interface CacheLimits {
  readonly entries: number;
  /** A reckoning, not a measurement: bytes on the wire and something for each entry. */
  readonly bytes: number;
  /** How long an answer may serve beyond its time when nobody can be asked (RFC 8767); 0: not at all. */
  readonly staleSeconds: number;
}

/** TTL of what has outlived its own (RFC 8767, 4). */
const STALE_TTL_SECONDS = 30;
/** What an entry costs beside its bytes on the wire: objects of records, the key. */
const ENTRY_COST_BYTES = 512;
/** Records become objects that are so much larger than they were on the wire. */
const GROWTH = 4;
/** Extended DNS errors: a stale answer, and a stale NXDOMAIN (RFC 8914, 4.4 and 4.20). */
const EDE_STALE = 3;
const EDE_STALE_NXDOMAIN = 19;

interface Entry {
  readonly answer: ForwardedAnswer;
  /** Milliseconds of the clock. */
  readonly since: number;
  readonly until: number;
  readonly cost: number;
  /** After a try in vain: until when it serves stale without another try. */
  staleUntil: number;
  /** When it was put last in the order. */
  movedAt: number;
}

/**
 * How old an entry's place in the order may be. A Map's deleted entries stay in their chain until it is made anew, so
 * that one which moves with every use would have to be looked for behind thousands of its own dead (Node 24).
 */
const MOVE_MS = 1000;

/** Which answers serve a question: its name without case, type, class and the two DNSSEC bits. */
export function cacheKey(question: ForwardQuestion): string {
  const bits = (question.dnssecOk ? 1 : 0) | (question.checkingDisabled ? 2 : 0);
  return `${question.type} ${question.class} ${bits} ${lowerCased(question.name).toString('latin1')}`;
}

/** Answers by question, the least recently used thrown out first, as far as a second tells. */
export class AnswerCache {
  readonly #limits: CacheLimits;
  readonly #clock: Clock;
  /** In the order of use, the latest last. */
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  constructor(limits: CacheLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  get size(): { readonly entries: number; readonly bytes: number } {
    return { entries: this.#entries.size, bytes: this.#bytes };
  }

  /** An answer within its time, TTLs counted down; or a stale one while a new try would be in vain. */
  get(key: string): ForwardedAnswer | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    const now = this.#clock.now();
    if (now < entry.until) {
      this.#used(key, entry, now);
      return countedDown(entry.answer, Math.floor((now - entry.since) / 1000));
    }
    return now < entry.staleUntil ? this.#stale(key, entry, now) : undefined;
  }

  /** What there was, when nobody can be asked; it goes on serving for `retryMs` without asking. */
  getStale(key: string, retryMs: number): ForwardedAnswer | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    const now = this.#clock.now();
    const answer = this.#stale(key, entry, now);
    if (answer !== undefined) entry.staleUntil = now + retryMs;
    return answer;
  }

  /** Keeps an answer. `wireBytes`: its size as a message. */
  put(key: string, answer: ForwardedAnswer, seconds: number, wireBytes: number): void {
    this.#delete(key);
    const cost = ENTRY_COST_BYTES + 2 * key.length + GROWTH * wireBytes;
    if (cost > this.#limits.bytes || this.#limits.entries < 1) return;
    const since = this.#clock.now();
    this.#entries.set(key, { answer, since, until: since + seconds * 1000, cost, staleUntil: 0, movedAt: since });
    this.#bytes += cost;
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#limits.entries && this.#bytes <= this.#limits.bytes) break;
      this.#delete(oldest);
    }
  }

  #stale(key: string, entry: Entry, now: number): ForwardedAnswer | undefined {
    if (!this.#mayServe(entry, now)) {
      this.#delete(key);
      return undefined;
    }
    this.#used(key, entry, now);
    const code = entry.answer.rcode === RCODE.nxDomain ? EDE_STALE_NXDOMAIN : EDE_STALE;
    const text = 'no upstream server answers; this is an earlier answer';
    return { ...withTtls(entry.answer, STALE_TTL_SECONDS), extendedError: { code, text } };
  }

  #mayServe(entry: Entry, now: number): boolean {
    return entry.answer.rcode !== RCODE.servFail && now < entry.until + this.#limits.staleSeconds * 1000;
  }

  #used(key: string, entry: Entry, now: number): void {
    if (now - entry.movedAt < MOVE_MS) return;
    entry.movedAt = now;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
  }

  #delete(key: string): void {
    this.#bytes -= this.#entries.get(key)?.cost ?? 0;
    this.#entries.delete(key);
  }
}
