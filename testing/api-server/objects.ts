/**
 * One collection of an API server: its objects, and the history that watches are served from.
 *
 * @module
 */

export interface ApiObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

export interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: ApiObject;
  readonly version: number;
  /** The object before the change: a watch with a selector gets an event that depends on whether it matched before. */
  readonly before?: ApiObject;
}

/** One counter for all collections, as in etcd. */
export class Versions {
  #last = 1000;

  get last(): number {
    return this.#last;
  }

  next(): number {
    this.#last += 1;
    return this.#last;
  }
}

export class Objects {
  readonly kind: string;
  readonly apiVersion: string;
  readonly #versions: Versions;
  readonly #byKey = new Map<string, ApiObject>();
  readonly #history: Change[] = [];
  readonly #onChange: (change: Change) => void;
  /** Watches from an older version are rejected. */
  #oldest = 0;

  constructor(kind: string, apiVersion: string, versions: Versions, onChange: (change: Change) => void) {
    this.kind = kind;
    this.apiVersion = apiVersion;
    this.#versions = versions;
    this.#onChange = onChange;
  }

  get oldest(): number {
    return this.#oldest;
  }

  get(key: string): ApiObject | undefined {
    return this.#byKey.get(key);
  }

  put(input: ApiObject): ApiObject {
    const key = keyOf(input);
    const before = this.#byKey.get(key);
    const version = this.#versions.next();
    const metadata = {
      uid: before?.metadata.uid ?? `uid-${version}`,
      ...input.metadata,
      resourceVersion: String(version),
      managedFields: [{ manager: 'test', operation: 'Update', fieldsV1: { 'f:spec': {} } }],
    };
    const object = { ...input, metadata };
    this.#byKey.set(key, object);
    if (before === undefined) this.#record({ type: 'ADDED', object, version });
    else this.#record({ type: 'MODIFIED', object, version, before });
    return object;
  }

  remove(key: string): ApiObject | undefined {
    const before = this.#byKey.get(key);
    if (before === undefined) return undefined;
    this.#byKey.delete(key);
    const version = this.#versions.next();
    const object = { ...before, metadata: { ...before.metadata, resourceVersion: String(version) } };
    this.#record({ type: 'DELETED', object, version, before });
    return object;
  }

  /** Sorted by key, as etcd lists them. */
  all(): ApiObject[] {
    return [...this.#byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
  }

  since(version: number): Change[] {
    return this.#history.filter(change => change.version > version);
  }

  lastChanges(count: number): Change[] {
    return this.#history.slice(-count);
  }

  compact(): void {
    this.#oldest = this.#versions.last;
    this.#history.length = 0;
  }

  #record(change: Change): void {
    this.#history.push(change);
    this.#onChange(change);
  }
}

export function keyOf({ metadata: { namespace, name } }: ApiObject): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** The selectors that the cluster source uses: `!key` in labels, `metadata.name=` in fields. */
export function selectorOf(query: URLSearchParams, namespace: string | undefined): (object: ApiObject) => boolean {
  const absent = (query.get('labelSelector') ?? '').split(',').filter(term => term.startsWith('!'));
  const name = /^metadata\.name=(.+)$/.exec(query.get('fieldSelector') ?? '')?.[1];
  return ({ metadata }) =>
    (namespace === undefined || metadata.namespace === namespace) &&
    (name === undefined || metadata.name === name) &&
    absent.every(term => metadata.labels?.[term.slice(1)] === undefined);
}

/** A change as a watch with a selector sees it: objects that begin to match are added, others are deleted. */
export function seenBy(matches: (object: ApiObject) => boolean, change: Change): Change | undefined {
  const { type, object, before } = change;
  const did = before !== undefined && matches(before);
  const does = type !== 'DELETED' && matches(object);
  if (!did && !does) return undefined;
  if (did && does) return change;
  return { ...change, type: does ? 'ADDED' : 'DELETED' };
}
