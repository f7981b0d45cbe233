import type { Kind, ObjectEvent } from '../../kube/objects.ts';

/**
 * Which namespaces exist: `default`, those that have a Namespace object, and those that any object is in, since plain
 * manifests seldom name their namespace twice.
 */
export class Namespaces {
  readonly #allowed: ReadonlySet<string> | undefined;
  /** Namespace -> kind -> names of what is in it; the Namespace object itself is among them. */
  readonly #members = new Map<string, Map<Kind, Set<string>>>();

  constructor(allowed: readonly string[] | undefined) {
    this.#allowed = allowed === undefined ? undefined : new Set(allowed);
  }

  exists(namespace: string): boolean {
    return this.allows(namespace) && (namespace === 'default' || this.#members.has(namespace));
  }

  /** Whether the allow-list has it, or there is no such list. */
  allows(namespace: string): boolean {
    return this.#allowed?.has(namespace) ?? true;
  }

  /** @returns whether a namespace came or went */
  note(event: ObjectEvent): boolean {
    const kind = event.type === 'set' ? event.object.kind : event.kind;
    const { namespace: within, name } = event.type === 'set' ? event.object.meta : event;
    const namespace = kind === 'Namespace' ? name : within;
    if (namespace === '') return false;
    const members = this.#members.get(namespace) ?? new Map<Kind, Set<string>>();
    const wasEmpty = members.size === 0;
    if (event.type === 'set') {
      const names = members.get(kind);
      // The object's own string: one that is made for it would be kept for each object.
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
