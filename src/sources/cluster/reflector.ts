import { setTimeout as delay } from 'node:timers/promises';
import type { ReadOptions } from '../../kube/fault.ts';
import type { KubeObject } from '../../kube/objects.ts';
import { Backoff } from '../../scheduling/index.ts';
import type { SourceUpdate } from '../source.ts';
import { Contact } from './contact.ts';
import { at, failureOf, RequestFailure, textAt } from './failure.ts';
import { JsonLines } from './json-lines.ts';
import type { Collection } from './kinds.ts';
import { KnownObjects, type Listing } from './known-objects.ts';
import { ListScanner } from './list-scanner.ts';
import type { ClusterEvent, ClusterTimings, KindStatus } from './options.ts';
import { listQuery, watchQuery } from './queries.ts';
import type { Transport } from './transport.ts';
import { isAtMost, readWatchEvent, type WatchEvent } from './watch-event.ts';

export interface ReflectorOptions {
  readonly collection: Collection;
  readonly transport: Transport;
  readonly read: ReadOptions;
  readonly timings: ClusterTimings;
  readonly pageSize: number;
  readonly streamingLists: boolean;
  readonly follow: boolean;
  /** In words, for the user: `in all namespaces`. */
  readonly where: string;
  readonly now: () => number;
  readonly random: () => number;
  /** After each list and each chunk of a watch that changed something. */
  readonly onUpdate: (update: SourceUpdate) => void;
  readonly onEvent: (event: ClusterEvent) => void;
  readonly onSynced: () => void;
  /** Only if it does not follow: the one list could not be had. */
  readonly onFailed: (failure: RequestFailure) => void;
}

/** A watch that ends sooner than this without a word counts as a failure: something keeps cutting it. */
const SHORT_WATCH_MS = 1_000;
/** Failures of a watch in a row after which its resource version is not trusted any more. */
const MOST_WATCH_FAILURES = 3;
/** A server that has no version at all for us, not even its own newest, is out of order. */
const MOST_EXPIRED = 3;

/**
 * Keeps the objects of one collection as the server has them: list, then watch from there, and list again only when
 * the watch cannot go on. What is known stays through every failure.
 */
export class Reflector {
  readonly #options: ReflectorOptions;
  readonly #contact: Contact;
  readonly #known: KnownObjects;
  readonly #backoff: Backoff;
  readonly #ended = new AbortController();
  #running: Promise<void> = Promise.resolve();
  /** The newest resource version that was seen; `''` before the first list. */
  #version = '';
  /** Why a list is needed, `''` for the first one; undefined: a watch can go on. */
  #listBecause: string | undefined = '';
  /** The server does not have our version: any will do, and its newest is the best. */
  #anyVersion = false;
  #unpaged = false;
  #absent = false;
  /** In a row. */
  #expirations = 0;
  #streaming: boolean;
  /** Whether the present try has brought anything. */
  #progress = false;

  constructor(options: ReflectorOptions) {
    this.#options = options;
    const { collection, timings, random, now, onEvent, where, transport } = options;
    const { kind, plural } = collection.resource;
    this.#contact = new Contact({ kind, plural, where, now, onEvent });
    this.#known = new KnownObjects(collection.resource, options.read, transport.contextName);
    this.#backoff = new Backoff({ firstMs: timings.retryFirstMs, maxMs: timings.retryMostMs, random });
    this.#streaming = options.follow && options.streamingLists;
  }

  get status(): KindStatus {
    return this.#contact.status;
  }

  objects(): Generator<KubeObject> {
    return this.#known.objects();
  }

  start(): void {
    this.#running = this.#run();
  }

  close(): Promise<void> {
    this.#ended.abort();
    return this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#ended;
    while (!signal.aborted) {
      const startedAt = this.#options.now();
      this.#progress = false;
      try {
        const watching = this.#listBecause === undefined;
        await this.#turn();
        if (!this.#options.follow) return;
        const short = this.#options.now() - startedAt < SHORT_WATCH_MS;
        if (watching && short && !this.#progress) throw new RequestFailure('lost', 'the watch was ended at once');
      } catch (error) {
        if (signal.aborted) return;
        const failure = failureOf(error);
        if (failure.reason === 'absent' && this.#mayBeAbsent()) {
          if (!this.#options.follow) return;
          await this.#wait(this.#options.timings.retryMostMs);
          continue;
        }
        const waitMs = await this.#afterFailure(failure);
        if (waitMs === undefined) return this.#options.onFailed(failure);
        await this.#wait(waitMs);
      }
    }
  }

  async #turn(): Promise<void> {
    if (this.#listBecause === undefined) await this.#stream(undefined);
    else if (this.#streaming) await this.#stream(new Map());
    else await this.#list();
  }

  /** @returns milliseconds until the next try; undefined: there is none */
  async #afterFailure(failure: RequestFailure): Promise<number | undefined> {
    const first = this.#backoff.failures === 0;
    const waitMs = this.#backoff.next(failure.retryAfterMs);
    switch (failure.reason) {
      case 'expired':
        this.#expirations += 1;
        this.#unpaged = this.#listBecause !== undefined && this.#anyVersion;
        this.#anyVersion = true;
        this.#listBecause ??= failure.message;
        this.#contact.outdated();
        // Not an outage: the server is there, and knows too much or too little.
        if (this.#expirations <= MOST_EXPIRED) return this.#expirations === 1 ? 0 : waitMs;
        break;
      case 'unsupported':
        if (!this.#streaming || this.#listBecause === undefined) break;
        this.#streaming = false;
        return 0;
      case 'unauthorized':
        await this.#refreshCredentials();
        if (first) return 0;
        break;
      case 'garbage':
        this.#listBecause ??= failure.message;
        break;
      case 'busy':
        // A server that cannot be reached says nothing about our version; one that answers so again and again may.
        if (this.#backoff.failures > MOST_WATCH_FAILURES) this.#listBecause ??= failure.message;
    }
    this.#contact.failed(failure);
    return this.#options.follow ? waitMs : undefined;
  }

  /** The newest of the kinds; every other one is in all clusters, and 404 for it is the word of something else. */
  #mayBeAbsent(): boolean {
    if (this.#options.collection.resource.kind !== 'ServiceCIDR') return false;
    if (!this.#absent) {
      this.#adopt(new Map(), '', false);
      this.#options.onEvent({ type: 'absent', kind: 'ServiceCIDR' });
    }
    this.#absent = true;
    this.#listBecause = 'the server had no such kind';
    return true;
  }

  async #refreshCredentials(): Promise<void> {
    try {
      await this.#options.transport.refresh();
    } catch (error) {
      // The configuration that was read before stays; the next refusal says what is wrong.
      this.#contact.failed(failureOf(error));
    }
  }

  async #list(): Promise<void> {
    const { transport, collection, pageSize, timings, follow } = this.#options;
    const listing: Listing = new Map();
    let version = '';
    let next: string | undefined;
    do {
      const query = listQuery(collection.selectors, {
        version: this.#version,
        newest: !follow || this.#anyVersion,
        pageSize: this.#unpaged ? undefined : pageSize,
        next,
      });
      const scanner = new ListScanner(item => this.#known.addTo(listing, item));
      const asking = { path: collection.path, query, signal: this.#ended.signal, silenceMs: timings.answerSilenceMs };
      for await (const chunk of transport.get(asking)) {
        this.#contact.touch();
        scanner.push(chunk);
      }
      const meta = at(scanner.end(), 'metadata');
      version = textAt(meta, 'resourceVersion') ?? '';
      if (version === '') throw new RequestFailure('garbage', 'the server sent what is no list');
      next = textAt(meta, 'continue');
    } while (next !== undefined);
    this.#adopt(listing, version, false);
  }

  /** A watch; with a listing, one that begins with every object there is. */
  async #stream(listing: Listing | undefined): Promise<void> {
    const { transport, collection, timings, random } = this.#options;
    const query = watchQuery(collection.selectors, {
      version: this.#version,
      newest: listing !== undefined && this.#anyVersion,
      withList: listing !== undefined,
      forMs: timings.watchForMs * (1 + random()),
    });
    const lines = new JsonLines();
    const asking = { path: collection.path, query, signal: this.#ended.signal, silenceMs: timings.watchSilenceMs };
    let pending = listing;
    // A server agrees to a watch first, and may refuse our version in the next breath; so it is not yet well.
    let settling: NodeJS.Timeout | undefined;
    try {
      for await (const chunk of transport.get(asking)) {
        this.#contact.touch();
        if (listing === undefined) settling ??= setTimeout(() => this.#contact.established(), timings.settleMs);
        pending = this.#take(lines.push(chunk), pending);
      }
    } finally {
      clearTimeout(settling);
    }
    if (pending !== undefined) throw new RequestFailure('lost', 'the streaming list ended before it was whole');
  }

  /** Values of a stream; the listing that it began with, until that is whole. */
  #take(values: readonly unknown[], listing: Listing | undefined): Listing | undefined {
    const { kind } = this.#options.collection.resource;
    let pending = listing;
    try {
      for (const value of values) {
        const event = readWatchEvent(value, kind);
        pending = pending === undefined ? this.#change(event) : this.#initial(event, pending);
      }
    } finally {
      this.#flush();
    }
    return pending;
  }

  #initial(event: WatchEvent, listing: Listing): Listing | undefined {
    if (event.type === 'DELETED') this.#known.removeFrom(listing, event.object);
    else if (event.type !== 'BOOKMARK') this.#known.addTo(listing, event.object);
    if (!event.endsList) return listing;
    this.#adopt(listing, event.version, true);
    return undefined;
  }

  #change(event: WatchEvent): undefined {
    this.#advance();
    this.#contact.established();
    // A replay: the state that we have is this one or a newer one.
    if (this.#version !== '' && isAtMost(event.version, this.#version)) return;
    this.#version = event.version;
    if (event.type === 'DELETED') this.#known.delete(event.object);
    else if (event.type !== 'BOOKMARK') this.#known.set(event.object);
  }

  #adopt(listing: Listing, version: string, streamed: boolean): void {
    const { kind } = this.#options.collection.resource;
    const changes = this.#known.adopt(listing);
    const why = this.#listBecause ?? '';
    this.#version = version;
    this.#listBecause = undefined;
    this.#anyVersion = false;
    this.#unpaged = false;
    this.#absent = false;
    this.#advance();
    this.#contact.established();
    this.#options.onEvent({ type: 'listed', kind, objects: listing.size, changes, streamed, why });
    this.#flush();
    if (this.#contact.synced()) this.#options.onSynced();
  }

  #advance(): void {
    this.#progress = true;
    this.#expirations = 0;
    this.#backoff.reset();
  }

  #flush(): void {
    const update = this.#known.takeUpdate();
    if (update.events.length > 0 || update.notices.length > 0) this.#options.onUpdate(update);
  }

  async #wait(ms: number): Promise<void> {
    if (ms <= 0) return;
    // The end of the source ends the wait, and is no error.
    await delay(ms, undefined, { signal: this.#ended.signal }).catch(() => undefined);
  }
}
