import type { Pod } from '../kube/index.ts';

const MAX_LENGTH = 63;

/** The name of a pod's machine, as the kubelet cuts it (kubelet, `GeneratePodHostNameAndDomain`). */
export function hostnameOf(pod: Pod): string {
  return (pod.spec.hostname ?? pod.meta.name).slice(0, MAX_LENGTH).replace(/[-.]+$/, '');
}
