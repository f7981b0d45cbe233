import type { Fault, ReadOptions } from '../../kube/fault.ts';
import type { KubeObject, ObjectEvent, ObjectKey } from '../../kube/objects.ts';
import type { Notice, SourceUpdate } from '../source.ts';
import { at, RequestFailure, textAt } from './failure.ts';
import { apiVersionOf, type Resource } from './kinds.ts';
import { project } from './projection.ts';

interface Known {
  /** undefined: it is there, but has never been readable. */
  readonly object: KubeObject | undefined;
  readonly version: string;
  /** What was said about it, so that it is not said again with each of its changes. */
  readonly said: string;
}

/** A list on its way: it replaces what is known in one step, when it is whole. */
export type Listing = Map<ObjectKey, Known>;

export interface Named {
  readonly key: ObjectKey;
  readonly namespace: string;
  readonly name: string;
  readonly version: string;
}

/**
 * The objects of one kind as the server last told of them, and what differs when it tells of them again: after a new
 * list only differences become events, so that nothing is taken away and put back.
 */
export class KnownObjects {
  readonly #resource: Resource;
  readonly #options: ReadOptions;
  readonly #origin: string;
  #known: Listing = new Map();
  #events: ObjectEvent[] = [];
  #notices: Notice[] = [];

  constructor(resource: Resource, options: ReadOptions, origin: string) {
    this.#resource = resource;
    this.#options = options;
    this.#origin = origin;
  }

  get size(): number {
    return this.#known.size;
  }

  *objects(): Generator<KubeObject> {
    for (const { object } of this.#known.values()) if (object !== undefined) yield object;
  }

  /** What has changed since the last call. */
  takeUpdate(): SourceUpdate {
    const update = { events: this.#events, notices: this.#notices };
    this.#events = [];
    this.#notices = [];
    return update;
  }

  set(item: unknown): void {
    const named = nameOf(item);
    const known = this.#read(item, named);
    const before = this.#known.get(named.key)?.object;
    this.#known.set(named.key, known);
    if (known.object !== undefined && known.object !== before) this.#events.push({ type: 'set', object: known.object });
  }

  delete(item: unknown): void {
    const { key } = nameOf(item);
    const known = this.#known.get(key);
    this.#known.delete(key);
    if (known?.object !== undefined) this.#deleted(known.object);
  }

  /** An item of a list: what has not changed since is neither read nor kept twice. */
  addTo(listing: Listing, item: unknown): void {
    const named = nameOf(item);
    const known = this.#known.get(named.key);
    listing.set(named.key, known?.version === named.version ? known : this.#read(item, named));
  }

  removeFrom(listing: Listing, item: unknown): void {
    listing.delete(nameOf(item).key);
  }

  /** @returns how many objects differ */
  adopt(listing: Listing): number {
    const before = this.#known;
    const told = this.#events.length;
    this.#known = listing;
    for (const [key, { object }] of before) if (object !== undefined && !listing.has(key)) this.#deleted(object);
    for (const [key, { object }] of listing) {
      if (object !== undefined && before.get(key)?.object !== object) this.#events.push({ type: 'set', object });
    }
    return this.#events.length - told;
  }

  #deleted({ kind, meta: { namespace, name } }: KubeObject): void {
    this.#events.push({ type: 'delete', kind, namespace, name });
  }

  #read(item: unknown, { key, version }: Named): Known {
    // The items of a list do not say their kind; and what stands in a list of a kind is of it.
    const typed = typeof item === 'object' ? { ...item, kind: this.#resource.kind } : item;
    const last = this.#known.get(key);
    const whole = { apiVersion: apiVersionOf(this.#resource), ...(typed ?? {}) };
    const { object, faults } = project(whole, this.#options, last?.object);
    const said = faults.map(({ field, why }) => `${field} ${why}`).join('\n');
    if (said !== '' && said !== last?.said) this.#say(key, faults, object !== undefined);
    return { object: object ?? last?.object, version, said };
  }

  #say(key: ObjectKey, faults: readonly Fault[], partly: boolean): void {
    const what = partly ? 'this part is left out, and the rest is used' : 'its last good state stays, if there was one';
    for (const { field, why, fix } of faults) {
      const object = `${this.#resource.kind} ${key}`;
      this.#notices.push({ level: 'warning', where: this.#origin, object, field, why: `${why}; ${what}`, fix });
    }
  }
}

/** @throws RequestFailure `garbage` for what is no object of the API */
export function nameOf(item: unknown): Named {
  const meta = at(item, 'metadata');
  const name = textAt(meta, 'name');
  const version = textAt(meta, 'resourceVersion');
  if (name === undefined || version === undefined) {
    throw new RequestFailure('garbage', 'the server sent an object without name or resourceVersion');
  }
  const namespace = textAt(meta, 'namespace') ?? '';
  return { key: namespace === '' ? name : `${namespace}/${name}`, namespace, name, version };
}
