import type { ObjectEvent } from '../../kube/objects.ts';

/**
 * Which namespaces exist: `default`, those that have a Namespace object, and those that any object is in, since plain
 * manifests seldom name their namespace twice.
 */
export class Namespaces {
  readonly #allowed: ReadonlySet<string> | undefined;
  /** Namespace -> what is in it, by kind and name; the Namespace object itself is among them. */
  readonly #members = new Map<string, Set<string>>();

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
    const members = this.#members.get(namespace);
    const member = `${kind}/${name}`;
    if (event.type === 'set') {
      if (members !== undefined) {
        members.add(member);
        return false;
      }
      this.#members.set(namespace, new Set([member]));
      return true;
    }
    if (members === undefined) return false;
    members.delete(member);
    if (members.size > 0) return false;
    this.#members.delete(namespace);
    return true;
  }
}
