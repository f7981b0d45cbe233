import { randomBytes } from 'node:crypto';
import { RCODE } from '../../net/index.ts';
import { Backoff } from '../../scheduling/index.ts';
import { type Labels, labelsOf, parseName, textOf, wireNameOf } from '../names/name.ts';
import type { ForwardQuestion } from '../resolver.ts';
import { UpstreamCounters } from '../statistics.ts';
import { TYPE } from '../wire/numbers.ts';
import { buildQuery, queryOverTcp, queryOverUdp, type Reply } from './exchange.ts';
import { type ResolvedOptions, type UpstreamAddress, upstreamName } from './options.ts';

/** One lost datagram does not mean that the server is down. */
const TIMEOUTS_UNTIL_DOWN = 2;
/** The time for one try of a query. Servers that have to ask many others may need more. */
export const TRY_MS = 2000;
/** The delays before a failed upstream is probed. */
const PROBES = { firstMs: 1000, maxMs: 30_000 };
/** After this time a server without EDNS is queried with it again, since it may have been upgraded. */
const WITHOUT_EDNS_MS = 15 * 60_000;
const PLAIN = { dnssecOk: false, checkingDisabled: false };
/** Sent to check whether a server responds; every server knows the root. */
const PROBE: ForwardQuestion = { ...PLAIN, name: Buffer.of(0), type: TYPE.NS };

/** An upstream server and its state. */
export class Upstream {
  readonly name: string;
  readonly zone: Labels;
  readonly counters = new UpstreamCounters();
  readonly #place: UpstreamAddress;
  readonly #options: ResolvedOptions;
  readonly #signal = new AbortController();
  /** Sent to this upstream; if it comes back, there is a loop. In lower case. */
  readonly #loopName: string;
  #state: 'up' | 'down' | 'loop' = 'up';
  #loopProbed = false;
  #timeouts = 0;
  readonly #probes = new Backoff(PROBES);
  #withoutEdnsUntil = Number.NEGATIVE_INFINITY;
  #cancelProbe: () => void = () => undefined;

  constructor(place: UpstreamAddress, options: ResolvedOptions) {
    this.#place = place;
    this.#options = options;
    this.name = upstreamName(place);
    this.zone = parseName(place.zone ?? '.');
    // `internal.` is reserved for private use, so this discloses no real name.
    const suffix = this.zone.length === 0 ? 'switchboard.internal' : textOf(this.zone);
    this.#loopName = `loop.${randomBytes(8).toString('hex')}.${suffix}`;
  }

  get state(): 'up' | 'down' | 'loop' {
    return this.#state;
  }

  /** Sends a query every `TRY_MS` until an answer comes, if necessary over TCP, too. Updates the state. */
  async query(question: ForwardQuestion, budgetMs: number): Promise<Reply> {
    const reply = await this.#query(question, budgetMs);
    if (this.#signal.signal.aborted) return reply;
    if (reply.kind === 'answer') this.#answered();
    else if (reply.kind === 'failed') this.#failed(reply.why);
    else if (reply.kind === 'timeout') {
      this.#timeouts += Math.ceil(budgetMs / TRY_MS);
      if (this.#timeouts >= TIMEOUTS_UNTIL_DOWN) this.#failed('timeout');
    }
    return reply;
  }

  /** Sends the loop name, once. The response does not matter. */
  async probeLoop(): Promise<void> {
    if (this.#loopProbed) return;
    this.#loopProbed = true;
    const name = wireNameOf(this.#loopName);
    // The name of the zone may be too long for another label.
    if (name !== undefined) await this.#query({ ...PLAIN, name, type: TYPE.TXT }, TRY_MS);
  }

  /** Call for queries that our own server gets. @returns whether it came from here, and so there is a loop */
  sawQuestion(name: Uint8Array): boolean {
    if (textOf(labelsOf(name)) !== this.#loopName) return false;
    if (this.#state !== 'loop') {
      this.#cancelProbe();
      this.#state = 'loop';
      this.#options.onEvent({ kind: 'loop', upstream: this.name });
    }
    return true;
  }

  close(): void {
    this.#cancelProbe();
    this.#signal.abort();
  }

  async #query(question: ForwardQuestion, budgetMs: number): Promise<Reply> {
    const { clock } = this.#options;
    const start = clock.now();
    const left = () => Math.max(0, budgetMs - (clock.now() - start));
    const edns = start >= this.#withoutEdnsUntil;
    let reply = await this.#exchange(question, { edns, left });
    // A server without EDNS rejects the query, and may accept it without OPT (RFC 6891, 7).
    if (edns && reply.kind === 'answer' && NO_EDNS.has(reply.answer.rcode) && left() > 0) {
      reply = await this.#exchange(question, { edns: false, left });
      if (reply.kind === 'answer' && !NO_EDNS.has(reply.answer.rcode)) {
        this.#withoutEdnsUntil = clock.now() + WITHOUT_EDNS_MS;
      }
    }
    this.counters.count(outcomeOf(reply), (clock.now() - start) / 1000);
    return reply;
  }

  async #exchange(question: ForwardQuestion, how: { edns: boolean; left: () => number }): Promise<Reply> {
    const query = buildQuery(question, how);
    const options = {
      to: this.#place,
      network: this.#options.network,
      clock: this.#options.clock,
      signal: this.#signal.signal,
      onDropped: () => {
        this.counters.dropped++;
      },
    };
    const first = await queryOverUdp(query, { ...options, timeoutMs: how.left(), resendMs: TRY_MS });
    if (first.kind !== 'answer' || !first.answer.truncated) return first;
    // A client that gets the truncated answer repeats its query over TCP, and does not wait for ever.
    const timeoutMs = Math.min(how.left(), TRY_MS);
    const second = await queryOverTcp(buildQuery(question, how), { ...options, timeoutMs });
    // It has responded over UDP: a failure of TCP concerns only names with large answers.
    return second.kind === 'answer' && !second.answer.truncated ? second : first;
  }

  #answered(): void {
    this.#timeouts = 0;
    if (this.#state !== 'down') return;
    this.#cancelProbe();
    this.#state = 'up';
    this.#options.onEvent({ kind: 'up', upstream: this.name });
  }

  #failed(why: string): void {
    if (this.#state !== 'up') return;
    this.#state = 'down';
    this.#probes.reset();
    this.#waitForProbe();
    this.#options.onEvent({ kind: 'down', upstream: this.name, why });
  }

  #waitForProbe(): void {
    const { failures } = this.#probes;
    this.#cancelProbe = this.#options.clock.after(this.#probes.next(), () => void this.#probe(failures + 1));
  }

  async #probe(number: number): Promise<void> {
    const reply = await this.query(PROBE, TRY_MS);
    // A response to another query may have brought it up meanwhile, and it may be down again.
    const still = this.#state === 'down' && this.#probes.failures === number;
    if (reply.kind === 'unreadable') this.#answered();
    else if (reply.kind !== 'answer' && still && !this.#signal.signal.aborted) this.#waitForProbe();
  }
}

/** Responses of servers without EDNS. */
const NO_EDNS: ReadonlySet<number> = new Set([RCODE.FORMERR, RCODE.NOTIMP, RCODE.BADVERS]);

function outcomeOf(reply: Reply): number | 'timeout' | 'failed' {
  if (reply.kind === 'timeout') return 'timeout';
  return reply.kind === 'answer' && !reply.answer.truncated ? reply.answer.rcode : 'failed';
}
