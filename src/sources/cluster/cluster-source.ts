import type { Kind, ObjectEvent } from '../../kube/index.ts';
import type { Notice, SourceUpdate } from '../source.ts';
import { type ApiError, loadError } from './api-error.ts';
import { collectionOf } from './kinds.ts';
import { type ClusterOptions, DEFAULT_TIMINGS, type KindStatus } from './options.ts';
import { Reflector, type ReflectorOptions } from './reflector.ts';
import { Transport } from './transport.ts';

const PAGE_SIZE = 500;

/**
 * Objects from an API server, kept up to date. It reports nothing until every kind has been listed once, so that
 * consumers never act on half a cluster. From then on it reports only differences, whatever happens to the connection.
 */
export class ClusterSource {
  readonly #transport: Transport;
  readonly #reflectors = new Map<Kind, Reflector>();
  readonly #initialSync = Promise.withResolvers<void>();
  #unsynced: number;
  /** Changes between `load` and `watch`. */
  #pending: { events: ObjectEvent[]; notices: Notice[] } = { events: [], notices: [] };
  #listener: ((update: SourceUpdate) => void) | undefined;
  #loaded = false;
  #closing: Promise<void> | undefined;

  constructor(transport: Transport, options: ClusterOptions) {
    this.#transport = transport;
    const kinds = [...new Set(options.kinds)];
    this.#unsynced = kinds.length;
    // The first list may fail before `load` awaits it.
    this.#initialSync.promise.catch(() => undefined);
    if (kinds.length === 0) this.#initialSync.resolve();
    for (const kind of kinds) this.#reflectors.set(kind, new Reflector(this.#optionsFor(kind, options)));
  }

  /** The address of the API server, for messages. */
  get server(): string {
    return this.#transport.server;
  }

  get context(): string {
    return this.#transport.contextName;
  }

  /** The namespace that the context names. */
  get contextNamespace(): string | undefined {
    return this.#transport.contextNamespace;
  }

  get status(): ReadonlyMap<Kind, KindStatus> {
    return new Map([...this.#reflectors].map(([kind, reflector]) => [kind, reflector.status]));
  }

  /**
   * Waits until every kind has been listed once.
   *
   * @returns all objects, as `set` events
   * @throws SWB_CLUSTER_UNREACHABLE, SWB_CLUSTER_REFUSED only without `follow`; with `follow` the source retries and
   *   reports failures through `onEvent`
   */
  async load(): Promise<SourceUpdate> {
    if (!this.#loaded) for (const reflector of this.#reflectors.values()) reflector.start();
    this.#loaded = true;
    await this.#initialSync.promise;
    if (this.#closing !== undefined) return { events: [], notices: [] };
    const events: ObjectEvent[] = [];
    for (const reflector of this.#reflectors.values()) {
      for (const object of reflector.objects()) events.push({ type: 'set', object });
    }
    const { notices } = this.#pending;
    this.#pending = { events: [], notices: [] };
    return { events, notices };
  }

  /** Reports every change since `load` returned, until `close`. */
  watch(listener: (update: SourceUpdate) => void): void {
    this.#listener = listener;
    const pending = this.#pending;
    this.#pending = { events: [], notices: [] };
    if (pending.events.length > 0 || pending.notices.length > 0) this.#notify(listener, pending);
  }

  /** Stops all reports at once. A pending `load` returns an empty update. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#listener = undefined;
    this.#initialSync.resolve();
    await Promise.all([...this.#reflectors.values()].map(reflector => reflector.close()));
    this.#transport.close();
  }

  #optionsFor(kind: Kind, options: ClusterOptions): ReflectorOptions {
    const { namespace, node, proxied = true, follow = true } = options;
    const collection = collectionOf(kind, { namespace, node, proxied });
    const scoped = collection.resource.namespaced;
    return {
      collection,
      transport: this.#transport,
      read: {
        primaryFamily: options.primaryFamily ?? 'IPv4',
        defaultNamespace: options.defaultNamespace ?? 'default',
      },
      timings: { ...DEFAULT_TIMINGS, ...options.timings },
      pageSize: options.pageSize ?? PAGE_SIZE,
      streamingLists: options.streamingLists ?? true,
      follow,
      where: !scoped ? '(cluster-scoped)' : namespace === undefined ? 'in all namespaces' : `in ${namespace}`,
      now: options.now ?? (() => performance.now()),
      random: options.random ?? Math.random,
      onUpdate: update => this.#onUpdate(update),
      onEvent: event => {
        if (this.#closing === undefined) options.onEvent?.(event);
      },
      onSynced: () => this.#onSynced(),
      onFailed: error => this.#onFailed(error),
    };
  }

  #onUpdate(update: SourceUpdate): void {
    if (this.#closing !== undefined) return;
    if (this.#unsynced === 0 && this.#listener !== undefined) {
      this.#notify(this.#listener, update);
      return;
    }
    // Before the first lists are complete there is nothing to queue: `load` returns the objects as they are then.
    if (this.#unsynced === 0) this.#pending.events = this.#pending.events.concat(update.events);
    this.#pending.notices = this.#pending.notices.concat(update.notices);
  }

  /** Rethrows errors of the listener outside of the request, which must not treat them as connection errors. */
  #notify(listener: (update: SourceUpdate) => void, update: SourceUpdate): void {
    try {
      listener(update);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  #onSynced(): void {
    this.#unsynced -= 1;
    if (this.#unsynced === 0) this.#initialSync.resolve();
  }

  #onFailed(error: ApiError): void {
    this.#initialSync.reject(loadError(error, this.server));
  }
}

/**
 * Creates a source for the cluster that the kubeconfig selects.
 *
 * @throws SWB_KUBECONFIG if the kubeconfig is missing, invalid or has no such context
 */
export async function createClusterSource(options: ClusterOptions): Promise<ClusterSource> {
  return new ClusterSource(await Transport.open(options), options);
}
