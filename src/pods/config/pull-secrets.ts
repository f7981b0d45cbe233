import type { Pod, SecretValue } from '../../kube/index.ts';
import { own } from './expand-variables.ts';
import type { PodObjects } from './pod-objects.ts';

const KEYS = ['.dockerconfigjson', '.dockercfg'];

/**
 * The credentials for the images of a pod: those of its imagePullSecrets, and of its ServiceAccount's if it names none
 * (admission plugin ServiceAccount). As in the kubelet, a missing one does not keep the pull from being tried.
 */
export function pullSecrets(
  { meta, spec }: Pod,
  objects: Pick<PodObjects, 'secret' | 'serviceAccount'>,
): SecretValue[] {
  const { namespace } = meta;
  const named = spec.run?.imagePullSecrets ?? [];
  const account = objects.serviceAccount(namespace, spec.serviceAccountName ?? 'default');
  const names = named.length > 0 ? named : (account?.imagePullSecrets ?? []);
  return names.flatMap(name => {
    const data = objects.secret(namespace, name)?.data ?? {};
    return KEYS.flatMap(key => own(data, key) ?? []);
  });
}
