import { randomBytes } from 'node:crypto';
import type { ForwardQuestion } from '../resolver.ts';
import { UpstreamCounters } from './counters.ts';
import { askOverTcp, askOverUdp, type Exchange } from './exchange.ts';
import { BadMessage } from './expand.ts';
import { RCODE } from './lifetime.ts';
import { buildQuery, questionEnd } from './query.ts';
import { type ReadAnswer, readAnswer } from './read-answer.ts';
import { type Settled, type UpstreamAddress, upstreamName } from './settings.ts';
import { lowerCased, nameOf } from './wire-name.ts';

/** What one upstream made of a question. */
export type Reply =
  | { readonly kind: 'answer'; readonly answer: ReadAnswer }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'failed'; readonly why: string }
  /** As no answer; but one that it cannot put well is no reason to ask it nothing else. */
  | { readonly kind: 'unreadable'; readonly why: string };

type State =
  | { readonly kind: 'up' }
  /** `restMs`: how long the present rest is. */
  | { readonly kind: 'down'; readonly restMs: number }
  | { readonly kind: 'loop' };

/** One lost datagram is no failure of the server. */
const TIMEOUTS_UNTIL_DOWN = 2;
/** Asked to see whether a server answers: any has to know of the root (type 2: NS). */
const PROBE: ForwardQuestion = { name: Buffer.of(0), type: 2, class: 1, dnssecOk: false, checkingDisabled: false };
const TYPE_TXT = 16;

/** One server to ask, and how it fares. */
export class Upstream {
  readonly name: string;
  /** Wire form, small letters. */
  readonly zone: Uint8Array;
  readonly counters = new UpstreamCounters();
  readonly #place: UpstreamAddress;
  readonly #settled: Settled;
  readonly #signal = new AbortController();
  /** Asked through this upstream; if it reaches us, we are in a ring. */
  readonly #loopName: Uint8Array;
  #state: State = { kind: 'up' };
  #timeouts = 0;
  #cancelProbe: () => void = () => undefined;

  constructor(place: UpstreamAddress, settled: Settled) {
    this.#place = place;
    this.#settled = settled;
    this.name = upstreamName(place);
    this.zone = nameOf(place.zone ?? '.');
    // `internal.` is set aside for private use: nobody's real name is asked of servers that are none of ours.
    const suffix = place.zone === undefined || place.zone === '.' ? 'switchboard.internal' : place.zone;
    this.#loopName = nameOf(`loop.${randomBytes(8).toString('hex')}.${suffix}`);
  }

  get state(): State['kind'] {
    return this.#state.kind;
  }

  /** Asks, over TCP as well if need be. It notes how the server fares. */
  async ask(question: ForwardQuestion, budgetMs: number): Promise<Reply> {
    const reply = await this.#ask(question, budgetMs);
    if (this.#signal.signal.aborted) return reply;
    if (reply.kind === 'answer') this.#answered();
    else if (reply.kind === 'failed') this.#failed(reply.why);
    else if (reply.kind === 'timeout' && ++this.#timeouts >= TIMEOUTS_UNTIL_DOWN) this.#failed('no answer in time');
    return reply;
  }

  /** Asks for the loop name; what is answered does not matter. */
  async probeLoop(): Promise<void> {
    const name = this.#loopName;
    const question = { name, type: TYPE_TXT, class: 1, dnssecOk: false, checkingDisabled: false };
    await this.#ask(question, this.#settled.timings.tryMs);
  }

  /** A question has reached our own server. @returns whether it is the one that this upstream was asked */
  sawQuestion(name: Uint8Array): boolean {
    if (Buffer.compare(lowerCased(name), this.#loopName) !== 0) return false;
    if (this.#state.kind !== 'loop') {
      this.#cancelProbe();
      this.#state = { kind: 'loop' };
      this.#settled.onEvent({ kind: 'loop', upstream: this.name });
    }
    return true;
  }

  close(): void {
    this.#cancelProbe();
    this.#signal.abort();
  }

  async #ask(question: ForwardQuestion, budgetMs: number): Promise<Reply> {
    const { clock } = this.#settled;
    const start = clock.now();
    const left = () => Math.max(0, budgetMs - (clock.now() - start));
    const reply = await this.#exchange(question, { edns: true, left });
    // A server from before EDNS says that it does not understand; without it, it may (RFC 6891, 7).
    const again = reply.kind === 'answer' && NO_EDNS.has(reply.answer.rcode) && left() > 0;
    const last = again ? await this.#exchange(question, { edns: false, left }) : reply;
    const outcome = last.kind === 'answer' ? { kind: last.kind, rcode: last.answer.rcode } : last;
    this.counters.asked(outcome, (clock.now() - start) / 1000);
    return last;
  }

  async #exchange(question: ForwardQuestion, how: { edns: boolean; left: () => number }): Promise<Reply> {
    const end = questionEnd(question);
    const query = buildQuery(question, how);
    const options = {
      address: this.#place.address,
      port: this.#place.port,
      end,
      clock: this.#settled.clock,
      signal: this.#signal.signal,
      onDropped: () => this.counters.dropped(),
    };
    const first = read(await askOverUdp(query, { ...options, timeoutMs: how.left() }), end);
    if (first.kind !== 'answer' || !first.answer.truncated) return first;
    const whole = buildQuery(question, how);
    const second = read(await askOverTcp(whole, { ...options, timeoutMs: how.left() }), end);
    if (second.kind === 'answer' && second.answer.truncated) return { kind: 'unreadable', why: 'truncated over TCP' };
    return second;
  }

  #answered(): void {
    this.#timeouts = 0;
    if (this.#state.kind !== 'down') return;
    this.#cancelProbe();
    this.#state = { kind: 'up' };
    this.#settled.onEvent({ kind: 'up', upstream: this.name });
  }

  #failed(why: string): void {
    if (this.#state.kind !== 'up') return;
    this.#rest(this.#settled.timings.restMs);
    this.#settled.onEvent({ kind: 'down', upstream: this.name, why });
  }

  #rest(restMs: number): void {
    this.#state = { kind: 'down', restMs };
    this.#cancelProbe = this.#settled.clock.after(restMs, () => void this.#probe(restMs));
  }

  async #probe(restMs: number): Promise<void> {
    const reply = await this.ask(PROBE, this.#settled.timings.tryMs);
    // A question that was answered in the meantime has brought it up, and it may have gone down again since.
    const still = this.#state.kind === 'down' && this.#state.restMs === restMs;
    if (reply.kind === 'unreadable') this.#answered();
    else if (reply.kind !== 'answer' && still && !this.#signal.signal.aborted) {
      this.#rest(Math.min(restMs * 2, this.#settled.timings.longestRestMs));
    }
  }
}

const NO_EDNS: ReadonlySet<number> = new Set([RCODE.formErr, RCODE.notImp, RCODE.badVers]);

function read(exchange: Exchange, end: number): Reply {
  if (exchange.kind !== 'message') return exchange;
  try {
    return { kind: 'answer', answer: readAnswer(exchange.message, end) };
  } catch (error) {
    if (error instanceof BadMessage)
      return { kind: 'unreadable', why: `an answer that cannot be read: ${error.message}` };
    throw error;
  }
}
