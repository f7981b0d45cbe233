import type { Fault, KubeObject, ObjectEvent, ObjectKey, ReadOptions } from '../../kube/index.ts';
import type { Notice, SourceUpdate } from '../source.ts';
import { ApiError, at, textAt } from './api-error.ts';
import { apiVersionOf, type Resource } from './kinds.ts';
import { project } from './projection.ts';

interface Entry {
  /** undefined: the server has the object, but it was never valid. */
  readonly object: KubeObject | undefined;
  readonly version: string;
  /** The faults already reported, so that the same ones are not reported with each change. */
  readonly reported: string;
}

/** A list in progress: it replaces the cache in one step when it is complete. */
export type Snapshot = Map<ObjectKey, Entry>;

export interface Named {
  readonly key: ObjectKey;
  readonly namespace: string;
  readonly name: string;
  readonly version: string;
}

/**
 * The objects of one kind as the server last sent them. After a new list only differences become events, so that
 * nothing is deleted and added back.
 */
export class ObjectCache {
  readonly #resource: Resource;
  readonly #options: ReadOptions;
  readonly #origin: string;
  #cache: Snapshot = new Map();
  #events: ObjectEvent[] = [];
  #notices: Notice[] = [];

  constructor(resource: Resource, options: ReadOptions, origin: string) {
    this.#resource = resource;
    this.#options = options;
    this.#origin = origin;
  }

  get size(): number {
    return this.#cache.size;
  }

  *objects(): Generator<KubeObject> {
    for (const { object } of this.#cache.values()) if (object !== undefined) yield object;
  }

  /** Returns the changes since the last call. */
  takeUpdate(): SourceUpdate {
    const update = { events: this.#events, notices: this.#notices };
    this.#events = [];
    this.#notices = [];
    return update;
  }

  set(item: unknown): void {
    const named = nameOf(item);
    const entry = this.#read(item, named);
    const before = this.#cache.get(named.key)?.object;
    this.#cache.set(named.key, entry);
    if (entry.object !== undefined && entry.object !== before) this.#events.push({ type: 'set', object: entry.object });
  }

  delete(item: unknown): void {
    const { key } = nameOf(item);
    const entry = this.#cache.get(key);
    this.#cache.delete(key);
    if (entry?.object !== undefined) this.#deleted(entry.object);
  }

  /** Adds an item of a list. Reuses the cached object if its resourceVersion is unchanged. */
  addTo(snapshot: Snapshot, item: unknown): void {
    const named = nameOf(item);
    const entry = this.#cache.get(named.key);
    snapshot.set(named.key, entry?.version === named.version ? entry : this.#read(item, named));
  }

  removeFrom(snapshot: Snapshot, item: unknown): void {
    snapshot.delete(nameOf(item).key);
  }

  /** @returns how many objects differ */
  adopt(snapshot: Snapshot): number {
    const before = this.#cache;
    const eventsBefore = this.#events.length;
    this.#cache = snapshot;
    for (const [key, { object }] of before) if (object !== undefined && !snapshot.has(key)) this.#deleted(object);
    for (const [key, { object }] of snapshot) {
      if (object !== undefined && before.get(key)?.object !== object) this.#events.push({ type: 'set', object });
    }
    return this.#events.length - eventsBefore;
  }

  #deleted({ kind, meta: { namespace, name } }: KubeObject): void {
    this.#events.push({ type: 'delete', kind, namespace, name });
  }

  #read(item: unknown, { key, version }: Named): Entry {
    // The items of a list carry no kind.
    const typed = typeof item === 'object' ? { ...item, kind: this.#resource.kind } : item;
    const last = this.#cache.get(key);
    const complete = { apiVersion: apiVersionOf(this.#resource), ...(typed ?? {}) };
    const { object, faults } = project(complete, this.#options, last?.object);
    const reported = faults.map(({ field, why }) => `${field} ${why}`).join('\n');
    if (reported !== '' && reported !== last?.reported) this.#report(key, faults, object !== undefined);
    return { object: object ?? last?.object, version, reported };
  }

  #report(key: ObjectKey, faults: readonly Fault[], partial: boolean): void {
    const effect = partial
      ? 'this part is ignored, and the rest is used'
      : 'its last valid state, if any, stays in use';
    for (const { field, why, fix } of faults) {
      const object = `${this.#resource.kind} ${key}`;
      this.#notices.push({ level: 'warning', where: this.#origin, object, field, why: `${why}; ${effect}`, fix });
    }
  }
}

/** @throws ApiError `garbage` for a value that is not an API object */
export function nameOf(item: unknown): Named {
  const meta = at(item, 'metadata');
  const name = textAt(meta, 'name');
  const version = textAt(meta, 'resourceVersion');
  if (name === undefined || version === undefined) {
    throw new ApiError('garbage', 'the server sent an object without name or resourceVersion');
  }
  const namespace = textAt(meta, 'namespace') ?? '';
  return { key: namespace === '' ? name : `${namespace}/${name}`, namespace, name, version };
}
