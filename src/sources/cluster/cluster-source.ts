import type { Kind, ObjectEvent } from '../../kube/objects.ts';
import type { Notice, SourceUpdate } from '../source.ts';
import { loadError, type RequestFailure } from './failure.ts';
import { collectionOf } from './kinds.ts';
import { type ClusterOptions, DEFAULT_TIMINGS, type KindStatus } from './options.ts';
import { Reflector, type ReflectorOptions } from './reflector.ts';
import { Transport } from './transport.ts';

const PAGE_SIZE = 500;

/**
 * Objects from an API server, kept up to date. It tells nothing before every kind has been listed once, so that no
 * one acts on half a cluster; from then on only of differences, whatever happens to the connection.
 */
export class ClusterSource {
  readonly #transport: Transport;
  readonly #reflectors = new Map<Kind, Reflector>();
  readonly #first = Promise.withResolvers<void>();
  #unsynced: number;
  /** Before `watch`: what changed since `load`. */
  #waiting: { events: ObjectEvent[]; notices: Notice[] } = { events: [], notices: [] };
  #listener: ((update: SourceUpdate) => void) | undefined;
  #loaded = false;
  #closing: Promise<void> | undefined;

  constructor(transport: Transport, options: ClusterOptions) {
    this.#transport = transport;
    const kinds = [...new Set(options.kinds)];
    this.#unsynced = kinds.length;
    // A failure may come before anybody waits for it.
    this.#first.promise.catch(() => undefined);
    if (kinds.length === 0) this.#first.resolve();
    for (const kind of kinds) this.#reflectors.set(kind, new Reflector(this.#optionsFor(kind, options)));
  }

  /** For the user: the address of the API server. */
  get server(): string {
    return this.#transport.server;
  }

  get context(): string {
    return this.#transport.contextName;
  }

  /** The context's own namespace. */
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
   * @throws SWB_INPUT_NOT_FOUND if the source does not follow and the API server cannot be reached or refuses;
   *   one that follows goes on trying, and says so through `onEvent`
   */
  async load(): Promise<SourceUpdate> {
    if (!this.#loaded) for (const reflector of this.#reflectors.values()) reflector.start();
    this.#loaded = true;
    await this.#first.promise;
    if (this.#closing !== undefined) return { events: [], notices: [] };
    const events: ObjectEvent[] = [];
    for (const reflector of this.#reflectors.values()) {
      for (const object of reflector.objects()) events.push({ type: 'set', object });
    }
    const { notices } = this.#waiting;
    this.#waiting = { events: [], notices: [] };
    return { events, notices };
  }

  /** Tells of every change since `load` returned, until `close`. */
  watch(listener: (update: SourceUpdate) => void): void {
    this.#listener = listener;
    const waiting = this.#waiting;
    this.#waiting = { events: [], notices: [] };
    if (waiting.events.length > 0 || waiting.notices.length > 0) this.#tell(listener, waiting);
  }

  /** Nothing is told after it was called; a `load` that still waits gets nothing, too. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#listener = undefined;
    this.#first.resolve();
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
      where: !scoped ? '(they are of no namespace)' : namespace === undefined ? 'in all namespaces' : `in ${namespace}`,
      now: options.now ?? (() => performance.now()),
      random: options.random ?? Math.random,
      onUpdate: update => this.#onUpdate(update),
      onEvent: event => {
        if (this.#closing === undefined) options.onEvent?.(event);
      },
      onSynced: () => this.#onSynced(),
      onFailed: failure => this.#onFailed(failure),
    };
  }

  #onUpdate(update: SourceUpdate): void {
    if (this.#closing !== undefined) return;
    if (this.#unsynced === 0 && this.#listener !== undefined) {
      this.#tell(this.#listener, update);
      return;
    }
    // Before the first lists are whole, `load` gives the objects as they stand then.
    if (this.#unsynced === 0) this.#waiting.events = this.#waiting.events.concat(update.events);
    this.#waiting.notices = this.#waiting.notices.concat(update.notices);
  }

  /** A fault of the listener is none of the connection, and must not be taken for one. */
  #tell(listener: (update: SourceUpdate) => void, update: SourceUpdate): void {
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
    if (this.#unsynced === 0) this.#first.resolve();
  }

  #onFailed(failure: RequestFailure): void {
    this.#first.reject(loadError(failure, this.server));
  }
}

/**
 * A source for the cluster that the kubeconfig names.
 *
 * @throws SWB_INPUT_NOT_FOUND, SWB_INPUT_UNPARSABLE or SWB_USAGE if there is none
 */
export async function createClusterSource(options: ClusterOptions): Promise<ClusterSource> {
  return new ClusterSource(await Transport.open(options), options);
}
