import { messageOf } from '../../errors.ts';
import { RCODE } from '../../net/index.ts';
import { Serial } from '../../scheduling/index.ts';
import { JoinedQueries } from '../joined-queries.ts';
import type { ForwardedAnswer, ForwardQuestion, Resolver } from '../resolver.ts';
import { cacheKey, ForwardCache, isFailure } from './cache.ts';
import { INCONCLUSIVE, type Reply } from './exchange.ts';
import { type ForwarderOptions, type ResolvedOptions, resolveOptions } from './options.ts';
import { TRY_MS, type Upstream } from './upstream.ts';
import { Upstreams } from './upstreams.ts';

/** Extended DNS Errors (RFC 8914, 4). */
const EDE = { other: 0, noReachableAuthority: 22, networkError: 23 } as const;
/** The time for all tries of a query. */
const TOTAL_MS = 5000;

/** The counts of a forwarder since its start. */
export type ForwardMetrics = ReturnType<Forwarder['metrics']>;

/**
 * Creates a forwarder and reads its list of upstreams. Call `checkLoops` once the server listens.
 *
 * @throws SWB_USAGE if the zone of an upstream is invalid
 */
export async function createForwarder(options: ForwarderOptions): Promise<Forwarder> {
  const forwarder = new Forwarder(options);
  await forwarder.start();
  return forwarder;
}

/** Forwards queries to upstream servers, behind a cache. */
export class Forwarder implements Resolver {
  readonly #options: ResolvedOptions;
  readonly #upstreams: Upstreams;
  readonly #cache: ForwardCache;
  readonly #queries: JoinedQueries<ForwardedAnswer>;
  /** `stale`: expired answers served since no upstream responded; `turnedAway`: rejected since too many were waiting. */
  readonly #counts = { cacheHits: 0, cacheMisses: 0, stale: 0, turnedAway: 0 };
  #checksLoops = false;
  readonly #readings = new Serial();
  #closed = false;

  constructor(options: ForwarderOptions) {
    this.#options = resolveOptions(options);
    this.#upstreams = new Upstreams(this.#options);
    this.#cache = new ForwardCache(this.#options);
    this.#queries = new JoinedQueries(this.#options);
  }

  /** Reads the list of upstreams. Watches the system's list if that is part of it. */
  async start(): Promise<void> {
    await this.#upstreams.read();
    if (!this.#closed) this.#upstreams.watch(() => void this.reread());
  }

  /** Reads the list of upstreams again, after a change of the system's list or of our listeners. */
  reread(): Promise<void> {
    return this.#readings.run(async () => {
      if (this.#closed) return;
      await this.#upstreams.read();
      if (this.#checksLoops) void this.checkLoops();
    });
  }

  cached(question: ForwardQuestion): ForwardedAnswer | undefined {
    const answer = this.#cache.get(cacheKey(question));
    if (answer !== undefined) this.#counts.cacheHits++;
    return answer;
  }

  async resolve(question: ForwardQuestion): Promise<ForwardedAnswer> {
    if (this.isLoopProbe(question.name)) return NO_SUCH_NAME;
    const key = cacheKey(question);
    const cached = this.cached(question);
    if (cached !== undefined) return cached;
    const answer = this.#queries.run(key, () => {
      this.#counts.cacheMisses++;
      return this.#queryAndCache(key, question).catch(error => failure(EDE.other, messageOf(error)));
    });
    if (answer !== undefined) return answer;
    this.#counts.turnedAway++;
    return this.#stale(key) ?? failure(EDE.other, 'too many queries wait for upstream servers');
  }

  /**
   * Queries each upstream for a unique name. If an upstream sends that query back to us, `resolve` sees it and excludes
   * the upstream. Call it when the server listens. Upstreams that are added later are checked, too.
   *
   * @returns when all have responded or timed out
   */
  async checkLoops(): Promise<void> {
    this.#checksLoops = true;
    await Promise.all(this.#upstreams.all.map(upstream => upstream.probeLoop()));
  }

  /**
   * Whether a name is one that `checkLoops` has sent. If so, excludes its upstream. `resolve` calls this itself.
   *
   * @param name wire form, any case
   */
  isLoopProbe(name: Uint8Array): boolean {
    // Hardly any name starts with a label of four bytes and an L.
    if (name[0] !== 4 || ((name[1] ?? 0) | 0x20) !== 0x6c) return false;
    return this.#upstreams.all.some(upstream => upstream.sawQuestion(name));
  }

  metrics() {
    const { entries, bytes } = this.#cache.size;
    return {
      upstreams: this.#upstreams.all.map(({ name, state, counters }) => ({ upstream: name, state, counters })),
      ...this.#counts,
      joined: this.#queries.joined,
      inFlight: this.#queries.inFlight,
      cacheEntries: entries,
      cacheBytes: bytes,
    };
  }

  /** Answers all waiting queries with SERVFAIL. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#readings.idle();
    this.#upstreams.close();
    await this.#queries.idle();
  }

  async #queryAndCache(key: string, question: ForwardQuestion): Promise<ForwardedAnswer> {
    const answer = await this.#query(question);
    const stale = isFailure(answer) ? this.#stale(key) : undefined;
    return stale ?? (this.#closed ? answer : this.#cache.put(key, question.type, answer));
  }

  /**
   * Queries one upstream after the other, then those again that timed out, until the total time is over. The last one,
   * which may be the only one, gets all the time that is left.
   */
  async #query(question: ForwardQuestion): Promise<ForwardedAnswer> {
    const { clock } = this.#options;
    const deadline = clock.now() + TOTAL_MS;
    const replies = new Map<Upstream, Reply>();
    let best: ForwardedAnswer | undefined;
    for (;;) {
      const left = deadline - clock.now();
      const upstream = left > 0 && !this.#closed ? this.#next(question.name, replies) : undefined;
      // A truncated answer does not wait for upstreams that have timed out.
      if (upstream === undefined || (best?.truncated && replies.has(upstream))) break;
      const others = this.#upstreams.candidates(question.name).filter(candidate => candidate !== upstream);
      const isLast = others.every(other => replies.has(other));
      const reply = await upstream.query(question, isLast && !best?.truncated ? left : Math.min(left, TRY_MS));
      // Move it to the end, so that the upstream queried longest ago comes first.
      replies.delete(upstream);
      replies.set(upstream, reply);
      if (reply.kind !== 'answer') continue;
      if (!INCONCLUSIVE.has(reply.answer.rcode) && !reply.answer.truncated) return reply.answer;
      if (best === undefined || reply.answer.truncated) best = reply.answer;
    }
    return best ?? this.#noAnswer(replies);
  }

  #next(name: Uint8Array, replies: ReadonlyMap<Upstream, Reply>): Upstream | undefined {
    const candidates = this.#upstreams.candidates(name);
    const fresh = candidates.find(upstream => !replies.has(upstream));
    if (fresh !== undefined) return fresh;
    for (const [upstream, reply] of replies) {
      if (reply.kind === 'timeout' && candidates.includes(upstream)) return upstream;
    }
    return undefined;
  }

  #noAnswer(replies: ReadonlyMap<Upstream, Reply>): ForwardedAnswer {
    if (this.#closed) return failure(EDE.other, 'the server is shutting down');
    if (replies.size === 0) return failure(EDE.noReachableAuthority, 'there is no upstream server');
    const reasons = [...replies].map(
      ([upstream, reply]) => `${upstream.name}: ${'why' in reply ? reply.why : 'timeout'}`,
    );
    const silent = [...replies.values()].every(reply => reply.kind === 'timeout');
    return failure(silent ? EDE.noReachableAuthority : EDE.networkError, reasons.join('; '));
  }

  #stale(key: string): ForwardedAnswer | undefined {
    const stale = this.#cache.getStale(key);
    if (stale !== undefined) this.#counts.stale++;
    return stale;
  }
}

const NO_SUCH_NAME: ForwardedAnswer = { rcode: RCODE.NXDOMAIN, authenticated: false, message: undefined };

function failure(code: number, text: string): ForwardedAnswer {
  return { rcode: RCODE.SERVFAIL, authenticated: false, message: undefined, extendedError: { code, text } };
}
