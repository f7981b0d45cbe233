import { setTimeout as delay } from 'node:timers/promises';
import type { KubeObject, ReadOptions } from '../../kube/index.ts';
import { Backoff } from '../../scheduling/index.ts';
import type { SourceUpdate } from '../source.ts';
import { ApiError, apiErrorOf, at, textAt } from './api-error.ts';
import { ConnectionStatus } from './connection-status.ts';
import { JsonLines } from './json-lines.ts';
import type { Collection } from './kinds.ts';
import { ListScanner } from './list-scanner.ts';
import { ObjectCache, type Snapshot } from './object-cache.ts';
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
  /** For messages: `in all namespaces`. */
  readonly where: string;
  readonly now: () => number;
  readonly random: () => number;
  /** Called after each list and each chunk of a watch that changed something. */
  readonly onUpdate: (update: SourceUpdate) => void;
  readonly onEvent: (event: ClusterEvent) => void;
  readonly onSynced: () => void;
  /** Called only without `follow`: the list failed. */
  readonly onFailed: (error: ApiError) => void;
}

/** A watch that ends sooner than this without an event counts as failed: something keeps cutting it. */
const SHORT_WATCH_MS = 1_000;
/** Consecutive watch failures after which the reflector lists again. */
const MAX_WATCH_FAILURES = 3;
/** A server that rejects even its own newest version is broken: after this many expirations in a row the reflector backs off. */
const MAX_EXPIRED = 3;

/**
 * Mirrors one collection of the API server: lists, watches from there, and lists again only when the watch cannot
 * continue. The objects stay through every failure.
 */
export class Reflector {
  readonly #options: ReflectorOptions;
  readonly #connection: ConnectionStatus;
  readonly #cache: ObjectCache;
  readonly #backoff: Backoff;
  readonly #closed = new AbortController();
  #running: Promise<void> = Promise.resolve();
  /** The newest resource version seen; `''` before the first list. */
  #version = '';
  /** Why a list is needed, `''` for the first one; undefined: the watch can continue. */
  #listBecause: string | undefined = '';
  /** The server does not have our version: request its newest. */
  #anyVersion = false;
  #unpaged = false;
  #absent = false;
  /** Consecutive `expired` errors. */
  #expirations = 0;
  #streaming: boolean;
  /** Whether the current attempt received anything. */
  #progress = false;

  constructor(options: ReflectorOptions) {
    this.#options = options;
    const { collection, timings, random, now, onEvent, where, transport } = options;
    const { kind, plural } = collection.resource;
    this.#connection = new ConnectionStatus({ kind, plural, where, now, onEvent });
    this.#cache = new ObjectCache(collection.resource, options.read, transport.contextName);
    this.#backoff = new Backoff({ firstMs: timings.retryFirstMs, maxMs: timings.retryMaxMs, random });
    this.#streaming = options.follow && options.streamingLists;
  }

  get status(): KindStatus {
    return this.#connection.status;
  }

  objects(): Generator<KubeObject> {
    return this.#cache.objects();
  }

  start(): void {
    this.#running = this.#run();
  }

  close(): Promise<void> {
    this.#closed.abort();
    return this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closed;
    while (!signal.aborted) {
      const startedAt = this.#options.now();
      this.#progress = false;
      try {
        const watching = this.#listBecause === undefined;
        await this.#listOrWatch();
        if (!this.#options.follow) return;
        const short = this.#options.now() - startedAt < SHORT_WATCH_MS;
        if (watching && short && !this.#progress) throw new ApiError('lost', 'the server ended the watch at once');
      } catch (error) {
        if (signal.aborted) return;
        const apiError = apiErrorOf(error);
        if (apiError.reason === 'absent' && this.#acceptAbsence()) {
          if (!this.#options.follow) return;
          await this.#wait(this.#options.timings.retryMaxMs);
          continue;
        }
        const waitMs = await this.#handleError(apiError);
        if (waitMs === undefined) return this.#options.onFailed(apiError);
        await this.#wait(waitMs);
      }
    }
  }

  async #listOrWatch(): Promise<void> {
    if (this.#listBecause === undefined) await this.#stream(undefined);
    else if (this.#streaming) await this.#stream(new Map());
    else await this.#list();
  }

  /** @returns milliseconds until the next attempt; undefined: there is none */
  async #handleError(error: ApiError): Promise<number | undefined> {
    const first = this.#backoff.failures === 0;
    const waitMs = this.#backoff.next(error.retryAfterMs);
    switch (error.reason) {
      case 'expired':
        this.#expirations += 1;
        this.#unpaged = this.#listBecause !== undefined && this.#anyVersion;
        this.#anyVersion = true;
        this.#listBecause ??= error.message;
        this.#connection.outdated();
        // Not an outage: the server answers, it only does not have our version.
        if (this.#expirations <= MAX_EXPIRED) return this.#expirations === 1 ? 0 : waitMs;
        break;
      case 'unsupported':
        if (!this.#streaming || this.#listBecause === undefined) break;
        this.#streaming = false;
        return 0;
      case 'unauthorized':
      case 'no-credentials':
        await this.#refreshCredentials();
        if (first) return 0;
        break;
      case 'garbage':
        this.#listBecause ??= error.message;
        break;
      case 'busy':
        // An unreachable server says nothing about our version; one that keeps answering 5xx may mean it.
        if (this.#backoff.failures > MAX_WATCH_FAILURES) this.#listBecause ??= error.message;
    }
    this.#connection.failed(error);
    return this.#options.follow ? waitMs : undefined;
  }

  /** Only ServiceCIDR may be missing: every other kind is in all clusters, so a 404 comes from something else. */
  #acceptAbsence(): boolean {
    if (this.#options.collection.resource.kind !== 'ServiceCIDR') return false;
    if (!this.#absent) {
      this.#adopt(new Map(), '', false);
      this.#options.onEvent({ type: 'absent', kind: 'ServiceCIDR' });
    }
    this.#absent = true;
    this.#listBecause = 'the server did not have this kind';
    return true;
  }

  async #refreshCredentials(): Promise<void> {
    try {
      await this.#options.transport.refresh();
    } catch (error) {
      // The previous configuration stays in use; the next 401 reports what is wrong.
      this.#connection.failed(apiErrorOf(error));
    }
  }

  async #list(): Promise<void> {
    const { transport, collection, pageSize, timings, follow } = this.#options;
    const snapshot: Snapshot = new Map();
    let version = '';
    let next: string | undefined;
    do {
      const query = listQuery(collection.selectors, {
        version: this.#version,
        newest: !follow || this.#anyVersion,
        pageSize: this.#unpaged ? undefined : pageSize,
        next,
      });
      const scanner = new ListScanner(item => this.#cache.addTo(snapshot, item));
      const request = { path: collection.path, query, signal: this.#closed.signal, silenceMs: timings.answerSilenceMs };
      for await (const chunk of transport.get(request)) {
        this.#connection.touch();
        scanner.push(chunk);
      }
      const meta = at(scanner.end(), 'metadata');
      version = textAt(meta, 'resourceVersion') ?? '';
      if (version === '') throw new ApiError('garbage', 'the server did not send a list');
      next = textAt(meta, 'continue');
    } while (next !== undefined);
    this.#adopt(snapshot, version, false);
  }

  /** Watches. With a snapshot, requests a streaming list: a watch that starts with every existing object. */
  async #stream(snapshot: Snapshot | undefined): Promise<void> {
    const { transport, collection, timings, random } = this.#options;
    const query = watchQuery(collection.selectors, {
      version: this.#version,
      newest: snapshot !== undefined && this.#anyVersion,
      withList: snapshot !== undefined,
      forMs: timings.watchForMs * (1 + random()),
    });
    const lines = new JsonLines();
    const request = { path: collection.path, query, signal: this.#closed.signal, silenceMs: timings.watchSilenceMs };
    let pending = snapshot;
    // A server may accept a watch and reject our version right after it, so 200 alone does not end an outage.
    let settling: NodeJS.Timeout | undefined;
    try {
      for await (const chunk of transport.get(request)) {
        this.#connection.touch();
        if (snapshot === undefined) settling ??= setTimeout(() => this.#connection.established(), timings.settleMs);
        pending = this.#process(lines.push(chunk), pending);
      }
    } finally {
      clearTimeout(settling);
    }
    if (pending !== undefined) throw new ApiError('lost', 'the streaming list ended before it was complete');
  }

  /** @returns the snapshot that the stream started with, until it is complete */
  #process(values: readonly unknown[], snapshot: Snapshot | undefined): Snapshot | undefined {
    const { kind } = this.#options.collection.resource;
    let pending = snapshot;
    try {
      for (const value of values) {
        const event = readWatchEvent(value, kind);
        pending = pending === undefined ? this.#applyChange(event) : this.#applyInitial(event, pending);
      }
    } finally {
      this.#flush();
    }
    return pending;
  }

  #applyInitial(event: WatchEvent, snapshot: Snapshot): Snapshot | undefined {
    if (event.type === 'DELETED') this.#cache.removeFrom(snapshot, event.object);
    else if (event.type !== 'BOOKMARK') this.#cache.addTo(snapshot, event.object);
    if (!event.endsList) return snapshot;
    this.#adopt(snapshot, event.version, true);
    return undefined;
  }

  #applyChange(event: WatchEvent): undefined {
    this.#advance();
    this.#connection.established();
    // A replay: our state is this one or newer.
    if (this.#version !== '' && isAtMost(event.version, this.#version)) return;
    this.#version = event.version;
    if (event.type === 'DELETED') this.#cache.delete(event.object);
    else if (event.type !== 'BOOKMARK') this.#cache.set(event.object);
  }

  #adopt(snapshot: Snapshot, version: string, streamed: boolean): void {
    const { kind } = this.#options.collection.resource;
    const changes = this.#cache.adopt(snapshot);
    const why = this.#listBecause ?? '';
    this.#version = version;
    this.#listBecause = undefined;
    this.#anyVersion = false;
    this.#unpaged = false;
    this.#absent = false;
    this.#advance();
    this.#connection.established();
    this.#options.onEvent({ type: 'listed', kind, objects: snapshot.size, changes, streamed, why });
    this.#flush();
    if (this.#connection.synced()) this.#options.onSynced();
  }

  #advance(): void {
    this.#progress = true;
    this.#expirations = 0;
    this.#backoff.reset();
  }

  #flush(): void {
    const update = this.#cache.takeUpdate();
    if (update.events.length > 0 || update.notices.length > 0) this.#options.onUpdate(update);
  }

  async #wait(ms: number): Promise<void> {
    if (ms <= 0) return;
    // `close` ends the wait; that is not an error.
    await delay(ms, undefined, { signal: this.#closed.signal }).catch(() => undefined);
  }
}
