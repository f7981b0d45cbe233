import { keyOf, type ObjectEvent, type Pod } from '../../kube/index.ts';

/**
 * The addresses of pods by namespace. Leaves out pods on the host network, which share the node's address, pods that have
 * ended, and pods that terminate, as CoreDNS does (plugin/kubernetes/object/pod.go).
 */
export class PodAddresses {
  readonly #byPod = new Map<string, readonly string[]>();
  /** `namespace address` -> number of pods; an old and a new pod may overlap. */
  readonly #counts = new Map<string, number>();

  has(namespace: string, address: string): boolean {
    return this.#counts.has(`${namespace} ${address}`);
  }

  /** @returns whether an address appeared or disappeared */
  apply(event: ObjectEvent): boolean {
    const kind = event.type === 'set' ? event.object.kind : event.kind;
    if (kind !== 'Pod') return false;
    const key = keyOf(event.type === 'set' ? event.object.meta : event);
    const after = event.type === 'set' && event.object.kind === 'Pod' ? addressesOf(event.object) : [];
    const before = this.#byPod.get(key) ?? [];
    if (before.join(' ') === after.join(' ')) return false;
    const namespace = key.slice(0, key.indexOf('/'));
    for (const address of before) this.#add(`${namespace} ${address}`, -1);
    for (const address of after) this.#add(`${namespace} ${address}`, 1);
    if (after.length === 0) this.#byPod.delete(key);
    else this.#byPod.set(key, after);
    return true;
  }

  #add(id: string, difference: number): void {
    const count = (this.#counts.get(id) ?? 0) + difference;
    if (count > 0) this.#counts.set(id, count);
    else this.#counts.delete(id);
  }
}

function addressesOf(pod: Pod): readonly string[] {
  const { phase } = pod.status;
  const ended = phase === 'Succeeded' || phase === 'Failed' || pod.meta.deletionTimestamp !== undefined;
  return ended || pod.spec.hostNetwork ? [] : pod.status.podIPs;
}
