import { messageOf } from '../../errors.ts';
import type { ForwardedAnswer, ForwardQuestion, Resolver } from '../resolver.ts';
import { RCODE } from '../wire/numbers.ts';
import { cacheKey, ForwardCache, keepable } from './cache.ts';
import type { ForwardMetrics } from './counters.ts';
import { type ForwarderOptions, type ResolvedOptions, resolveOptions } from './options.ts';
import { watchResolvConf } from './resolv-conf.ts';
import type { UpstreamResponse } from './response.ts';
import type { Reply, Upstream } from './upstream.ts';
import { Upstreams } from './upstreams.ts';

/** Extended DNS errors (RFC 8914, 4). */
const EDE = { other: 0, noReachableAuthority: 22, networkError: 23 } as const;
/** A failure of ours is remembered, so that a crowd of clients does not wait for the same (RFC 9520, 3.2). */
const OWN_FAILURE_SECONDS = 1;
/** Rcodes that say nothing of the name: another upstream may know better. */
const NO_VERDICT: ReadonlySet<number> = new Set([RCODE.FORMERR, RCODE.SERVFAIL, RCODE.NOTIMP, RCODE.REFUSED]);

/**
 * Makes a forwarder and reads whom it asks. Call `checkLoops` once the server listens.
 *
 * @throws SWB_USAGE where a zone is no DNS name
 */
export async function createForwarder(options: ForwarderOptions): Promise<Forwarder> {
  const forwarder = new Forwarder(options);
  await forwarder.start();
  return forwarder;
}

/** Asks other servers, with a cache before them. */
export class Forwarder implements Resolver {
  readonly #options: ResolvedOptions;
  readonly #upstreams: Upstreams;
  readonly #cache: ForwardCache;
  readonly #usesSystem: boolean;
  readonly #inFlight = new Map<string, Promise<ForwardedAnswer>>();
  /** How many wait for the answer to a question that another has asked. */
  #joined = 0;
  readonly #counts = { cacheHits: 0, cacheMisses: 0, stale: 0, joined: 0, turnedAway: 0 };
  /** Those that have been asked for their loop name. */
  readonly #loopChecked = new WeakSet<Upstream>();
  #checksLoops = false;
  #unwatch: readonly (() => void)[] = [];
  #reading: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: ForwarderOptions) {
    this.#options = resolveOptions(options);
    this.#upstreams = new Upstreams(options.upstreams, this.#options);
    this.#cache = new ForwardCache(this.#options.cache, this.#options.clock);
    this.#usesSystem = options.upstreams.includes('system');
  }

  /** Reads whom to ask, and from then on follows the system's list if that is among them. */
  async start(): Promise<void> {
    await this.#upstreams.read();
    if (!this.#usesSystem || this.#closed) return;
    const { resolvConf, linkFiles, timings } = this.#options;
    this.#unwatch = [resolvConf, ...linkFiles].map(path =>
      watchResolvConf(path, timings.pollMs, () => {
        void this.reread();
      }),
    );
  }

  /** Makes the list of upstreams again: the system's has changed, or where we listen has. */
  reread(): Promise<void> {
    this.#reading = this.#reading.then(() => this.#reread());
    return this.#reading;
  }

  cached(question: ForwardQuestion): ForwardedAnswer | undefined {
    const answer = this.#cache.get(cacheKey(question));
    if (answer !== undefined) this.#counts.cacheHits++;
    return answer;
  }

  async resolve(question: ForwardQuestion): Promise<ForwardedAnswer> {
    if (this.isLoopProbe(question.name)) return NO_SUCH_NAME;
    const key = cacheKey(question);
    const known = this.cached(question);
    if (known !== undefined) return known;
    const running = this.#inFlight.get(key);
    if (
      running === undefined ? this.#inFlight.size >= this.#options.maxInFlight : this.#joined >= this.#options.maxJoined
    ) {
      this.#counts.turnedAway++;
      return this.#stale(key) ?? failure(EDE.other, 'too many questions wait for upstream servers');
    }
    if (running !== undefined) {
      this.#counts.joined++;
      this.#joined++;
      return running.finally(() => this.#joined--);
    }
    this.#counts.cacheMisses++;
    const asking = this.#askAndKeep(key, question)
      .catch(error => failure(EDE.other, messageOf(error)))
      .finally(() => this.#inFlight.delete(key));
    this.#inFlight.set(key, asking);
    return asking;
  }

  /**
   * Asks each upstream for a name that nobody else asks for; one that asks us for it (`resolve`) is not used any more.
   * The server that this forwarder belongs to must listen. Upstreams that are added later are checked as well.
   *
   * @returns when all have answered or had their time
   */
  async checkLoops(): Promise<void> {
    this.#checksLoops = true;
    const unchecked = this.#upstreams.all.filter(upstream => !this.#loopChecked.has(upstream));
    for (const upstream of unchecked) this.#loopChecked.add(upstream);
    await Promise.all(unchecked.map(upstream => upstream.probeLoop()));
  }

  /**
   * Whether a name is one that `checkLoops` has sent out, and so has come back. Its upstream is not used any more, then;
   * the answer does not matter, as long as there is one. `resolve` sees to it by itself.
   *
   * @param name - wire form, any case
   */
  isLoopProbe(name: Uint8Array): boolean {
    // `loop` in small or capital letters as the first label: hardly any name needs a closer look.
    if (name[0] !== 4 || ((name[1] ?? 0) | 0x20) !== 0x6c) return false;
    return this.#upstreams.all.some(upstream => upstream.sawQuestion(name));
  }

  metrics(): ForwardMetrics {
    const { entries, bytes } = this.#cache.size;
    return {
      upstreams: this.#upstreams.all.map(({ name, state, counters }) => ({ upstream: name, state, counters })),
      ...this.#counts,
      inFlight: this.#inFlight.size,
      cacheEntries: entries,
      cacheBytes: bytes,
    };
  }

  /** Ends what waits: those questions are answered with SERVFAIL. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const unwatch of this.#unwatch) unwatch();
    await this.#reading;
    this.#upstreams.close();
    await Promise.all(this.#inFlight.values());
  }

  async #reread(): Promise<void> {
    if (this.#closed) return;
    await this.#upstreams.read();
    if (this.#checksLoops) void this.checkLoops();
  }

  async #askAndKeep(key: string, question: ForwardQuestion): Promise<ForwardedAnswer> {
    const answer = await this.#ask(question);
    if (answer.rcode === RCODE.SERVFAIL) {
      const stale = this.#stale(key);
      if (stale !== undefined) return stale;
    }
    if (answer.message !== undefined) {
      const kept = keepable(answer, question.type, this.#options.lifetimes);
      if (kept === undefined) return answer;
      this.#cache.put(key, kept.answer, kept.seconds);
      return kept.answer;
    }
    const seconds = Math.min(OWN_FAILURE_SECONDS, this.#options.lifetimes.failure);
    if (seconds > 0 && !this.#closed) this.#cache.put(key, answer, seconds);
    return answer;
  }

  /** Asks one upstream after the other; those that did not answer in time once more, while there is time. */
  async #ask(question: ForwardQuestion): Promise<ForwardedAnswer> {
    const { clock, timings } = this.#options;
    const deadline = clock.now() + timings.totalMs;
    const replies = new Map<Upstream, Reply>();
    let second: UpstreamResponse | undefined;
    for (;;) {
      const left = deadline - clock.now();
      const upstream = left > 0 && !this.#closed ? this.#next(question.name, replies) : undefined;
      if (upstream === undefined) break;
      const reply = await upstream.ask(question, Math.min(left, timings.tryMs));
      // At the end again: the one that was asked longest ago comes first.
      replies.delete(upstream);
      replies.set(upstream, reply);
      if (reply.kind !== 'answer') continue;
      if (!NO_VERDICT.has(reply.answer.rcode)) return forwarded(reply.answer);
      second ??= reply.answer;
    }
    return second === undefined ? this.#noAnswer(replies) : forwarded(second);
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
    if (this.#closed) return failure(EDE.other, 'the server ends');
    if (replies.size === 0) return failure(EDE.noReachableAuthority, 'there is no upstream server to ask');
    const said = [...replies].map(
      ([upstream, reply]) => `${upstream.name}: ${'why' in reply ? reply.why : 'no answer in time'}`,
    );
    const silent = [...replies.values()].every(reply => reply.kind === 'timeout');
    return failure(silent ? EDE.noReachableAuthority : EDE.networkError, said.join('; '));
  }

  #stale(key: string): ForwardedAnswer | undefined {
    const stale = this.#cache.getStale(key, this.#options.timings.staleRetryMs);
    if (stale !== undefined) this.#counts.stale++;
    return stale;
  }
}

function forwarded({ rcode, authenticated, message }: UpstreamResponse): ForwardedAnswer {
  return { rcode, authenticated, message };
}

const NO_SUCH_NAME: ForwardedAnswer = { rcode: RCODE.NXDOMAIN, authenticated: false, message: undefined };

function failure(code: number, text: string): ForwardedAnswer {
  return { rcode: RCODE.SERVFAIL, authenticated: false, message: undefined, extendedError: { code, text } };
}
