import { keyOf, type ObjectEvent, type ObjectKey, type Pod } from '../../kube/index.ts';

/** Most addresses belong to one object, and an array for each would take most of the memory. */
type Keys = ObjectKey | readonly ObjectKey[];

/** Maps addresses to the objects that have them. */
export class AddressIndex {
  readonly #keys = new Map<string, Keys>();

  /** Replaces the addresses of an object. */
  replace(key: ObjectKey, before: readonly string[], after: readonly string[]): void {
    for (const address of before)
      this.#set(
        address,
        this.at(address).filter(other => other !== key),
      );
    for (const address of after) if (!this.at(address).includes(key)) this.#set(address, [...this.at(address), key]);
  }

  at(address: string): readonly ObjectKey[] {
    const keys = this.#keys.get(address) ?? [];
    return typeof keys === 'string' ? [keys] : keys;
  }

  addresses(): Iterable<string> {
    return this.#keys.keys();
  }

  #set(address: string, keys: readonly ObjectKey[]): void {
    const [only] = keys;
    if (only === undefined) this.#keys.delete(address);
    else this.#keys.set(address, keys.length === 1 ? only : keys);
  }
}

/**
 * The addresses of pods by namespace. Leaves out pods on the host network, which share the node's address, pods that have
 * ended, and pods that terminate, as CoreDNS does (plugin/kubernetes/object/pod.go).
 */
export class PodAddresses {
  readonly #byPod = new Map<ObjectKey, readonly string[]>();
  /** By namespace and address; an old and a new pod may overlap. */
  readonly #index = new AddressIndex();

  has(namespace: string, address: string): boolean {
    return this.#index.at(`${namespace} ${address}`).length > 0;
  }

  /** @returns whether the addresses of a pod have changed */
  apply(event: ObjectEvent): boolean {
    const kind = event.type === 'set' ? event.object.kind : event.kind;
    if (kind !== 'Pod') return false;
    const { namespace, name } = event.type === 'set' ? event.object.meta : event;
    const key = keyOf({ namespace, name });
    const addresses = event.type === 'set' && event.object.kind === 'Pod' ? addressesOf(event.object) : [];
    const after = addresses.map(address => `${namespace} ${address}`);
    const before = this.#byPod.get(key) ?? [];
    if (before.join() === after.join()) return false;
    this.#index.replace(key, before, after);
    if (after.length === 0) this.#byPod.delete(key);
    else this.#byPod.set(key, after);
    return true;
  }
}

function addressesOf(pod: Pod): readonly string[] {
  const { phase } = pod.status;
  const ended = phase === 'Succeeded' || phase === 'Failed' || pod.meta.deletionTimestamp !== undefined;
  return ended || pod.spec.hostNetwork ? [] : pod.status.podIPs;
}
