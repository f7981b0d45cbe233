import type { Kind, ObjectEvent } from '../../kube/index.ts';

/**
 * The namespaces that exist: `default`, those with a Namespace object, and those with any other object, because plain
 * manifests often lack the Namespace.
 */
export class Namespaces {
  readonly #allowed: ReadonlySet<string> | undefined;
  /** Namespace -> kind -> names of its objects, including its Namespace object. */
  readonly #members = new Map<string, Map<Kind, Set<string>>>();

  constructor(allowed: readonly string[] | undefined) {
    this.#allowed = allowed === undefined ? undefined : new Set(allowed);
  }

  exists(namespace: string): boolean {
    return this.allows(namespace) && (namespace === 'default' || this.#members.has(namespace));
  }

  /** Whether the options allow the namespace. */
  allows(namespace: string): boolean {
    return this.#allowed?.has(namespace) ?? true;
  }

  /** @returns whether a namespace appeared or disappeared */
  apply(event: ObjectEvent): boolean {
    const kind = event.type === 'set' ? event.object.kind : event.kind;
    const { namespace: within, name } = event.type === 'set' ? event.object.meta : event;
    const namespace = kind === 'Namespace' ? name : within;
    if (namespace === '') return false;
    const members = this.#members.get(namespace) ?? new Map<Kind, Set<string>>();
    const wasEmpty = members.size === 0;
    if (event.type === 'set') {
      const names = members.get(kind);
      // Share the object's own string, which takes no further memory.
      if (names === undefined) members.set(kind, new Set([name]));
      else names.add(name);
      if (wasEmpty) this.#members.set(namespace, members);
      return wasEmpty;
    }
    const names = members.get(kind);
    names?.delete(name);
    if (names?.size === 0) members.delete(kind);
    if (wasEmpty || members.size > 0) return false;
    this.#members.delete(namespace);
    return true;
  }
}
