import { randomBytes } from 'node:crypto';
import { type Labels, labelsOf, parseName, textOf, wireNameOf } from '../names/name.ts';
import type { ForwardQuestion } from '../resolver.ts';
import { CLASS_IN, RCODE, TYPE } from '../wire/numbers.ts';
import { BadMessage } from '../wire/records.ts';
import { UpstreamCounters } from './counters.ts';
import { askOverTcp, askOverUdp, buildQuery, type Exchange } from './exchange.ts';
import { type ResolvedOptions, type UpstreamAddress, upstreamName } from './options.ts';
import { readResponse, type UpstreamResponse } from './response.ts';

/** What one upstream made of a question. */
export type Reply =
  | { readonly kind: 'answer'; readonly answer: UpstreamResponse }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'failed'; readonly why: string }
  /** As no answer; but one that it cannot put well is no reason to ask it nothing else. */
  | { readonly kind: 'unreadable'; readonly why: string };

type State =
  | { readonly kind: 'up' }
  /** `probeMs`: how long the present rest is. */
  | { readonly kind: 'down'; readonly probeMs: number }
  | { readonly kind: 'loop' };

/** One lost datagram is no failure of the server. */
const TIMEOUTS_UNTIL_DOWN = 2;
const PLAIN = { class: CLASS_IN, dnssecOk: false, checkingDisabled: false };
/** Query to see whether a server answers: any has to know of the root. */
const PROBE: ForwardQuestion = { ...PLAIN, name: Buffer.of(0), type: TYPE.NS };

/** One server to ask, and how it fares. */
export class Upstream {
  readonly name: string;
  readonly zone: Labels;
  readonly counters = new UpstreamCounters();
  readonly #place: UpstreamAddress;
  readonly #options: ResolvedOptions;
  readonly #signal = new AbortController();
  /** Query through this upstream; if it reaches us, we are in a ring. In small letters. */
  readonly #loopName: string;
  #state: State = { kind: 'up' };
  #timeouts = 0;
  #cancelProbe: () => void = () => undefined;

  constructor(place: UpstreamAddress, options: ResolvedOptions) {
    this.#place = place;
    this.#options = options;
    this.name = upstreamName(place);
    this.zone = parseName(place.zone ?? '.');
    // `internal.` is set aside for private use: nobody's real name is asked of servers that are none of ours.
    const suffix = this.zone.length === 0 ? 'switchboard.internal' : textOf(this.zone);
    this.#loopName = `loop.${randomBytes(8).toString('hex')}.${suffix}`;
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
    const name = wireNameOf(this.#loopName);
    // A zone whose own name is nearly as long as names may be has no room for it.
    if (name !== undefined) await this.#ask({ ...PLAIN, name, type: TYPE.TXT }, this.#options.timings.tryMs);
  }

  /** A question has reached our own server. @returns whether it is the one that this upstream was asked */
  sawQuestion(name: Uint8Array): boolean {
    if (textOf(labelsOf(name)) !== this.#loopName) return false;
    if (this.#state.kind !== 'loop') {
      this.#cancelProbe();
      this.#state = { kind: 'loop' };
      this.#options.onEvent({ kind: 'loop', upstream: this.name });
    }
    return true;
  }

  close(): void {
    this.#cancelProbe();
    this.#signal.abort();
  }

  async #ask(question: ForwardQuestion, budgetMs: number): Promise<Reply> {
    const { clock } = this.#options;
    const start = clock.now();
    const left = () => Math.max(0, budgetMs - (clock.now() - start));
    const reply = await this.#exchange(question, { edns: true, left });
    // A server from before EDNS says that it does not understand; without it, it may (RFC 6891, 7).
    const again = reply.kind === 'answer' && NO_EDNS.has(reply.answer.rcode) && left() > 0;
    const last = again ? await this.#exchange(question, { edns: false, left }) : reply;
    const outcome = last.kind === 'answer' ? { kind: last.kind, rcode: last.answer.rcode } : last;
    this.counters.count(outcome, (clock.now() - start) / 1000);
    return last;
  }

  async #exchange(question: ForwardQuestion, how: { edns: boolean; left: () => number }): Promise<Reply> {
    const query = buildQuery(question, how);
    const options = {
      address: this.#place.address,
      port: this.#place.port,
      clock: this.#options.clock,
      signal: this.#signal.signal,
      onDropped: () => {
        this.counters.dropped++;
      },
    };
    const first = read(await askOverUdp(query, { ...options, timeoutMs: how.left() }));
    if (first.kind !== 'answer' || !first.answer.truncated) return first;
    const second = read(await askOverTcp(buildQuery(question, how), { ...options, timeoutMs: how.left() }));
    if (second.kind === 'answer' && second.answer.truncated) return { kind: 'unreadable', why: 'truncated over TCP' };
    return second;
  }

  #answered(): void {
    this.#timeouts = 0;
    if (this.#state.kind !== 'down') return;
    this.#cancelProbe();
    this.#state = { kind: 'up' };
    this.#options.onEvent({ kind: 'up', upstream: this.name });
  }

  #failed(why: string): void {
    if (this.#state.kind !== 'up') return;
    this.#rest(this.#options.timings.probeMs);
    this.#options.onEvent({ kind: 'down', upstream: this.name, why });
  }

  #rest(probeMs: number): void {
    this.#state = { kind: 'down', probeMs };
    this.#cancelProbe = this.#options.clock.after(probeMs, () => void this.#probe(probeMs));
  }

  async #probe(probeMs: number): Promise<void> {
    const reply = await this.ask(PROBE, this.#options.timings.tryMs);
    // A question that was answered in the meantime has brought it up, and it may have gone down again since.
    const still = this.#state.kind === 'down' && this.#state.probeMs === probeMs;
    if (reply.kind === 'unreadable') this.#answered();
    else if (reply.kind !== 'answer' && still && !this.#signal.signal.aborted) {
      this.#rest(Math.min(probeMs * 2, this.#options.timings.maxProbeMs));
    }
  }
}

const NO_EDNS: ReadonlySet<number> = new Set([RCODE.FORMERR, RCODE.NOTIMP, RCODE.BADVERS]);

function read(exchange: Exchange): Reply {
  if (exchange.kind !== 'message') return exchange;
  try {
    return { kind: 'answer', answer: readResponse(exchange.message) };
  } catch (error) {
    if (error instanceof BadMessage)
      return { kind: 'unreadable', why: `an answer that cannot be read: ${error.message}` };
    throw error;
  }
}
