import type { Pod } from '../../kube/index.ts';

/** The names by which flags choose a pod: its own and its workload's, with and without the namespace. */
export function namesOf({ meta }: Pod): ReadonlySet<string> {
  const { name, namespace, owners } = meta;
  const names = [name, ...owners.filter(owner => owner.controller).map(owner => owner.name)];
  return new Set([...names, ...names.map(each => `${namespace}/${each}`)]);
}
