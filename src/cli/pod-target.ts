/** The pod or workload that a user names, as `NAME` or `NAMESPACE/NAME`: `deploy/web` and `pod/web-0` are names of kinds. */
export function podTarget(text: string, namespace: string | undefined): string {
  const [kind = '', ...rest] = text.split('/');
  const name = KINDS.has(kind.toLowerCase()) && rest.length > 0 ? rest.join('/') : text;
  return namespace === undefined || name.includes('/') ? name : `${namespace}/${name}`;
}

/** As kubectl names them. */
const KINDS = new Set(
  [
    ['po', 'pod', 'pods'],
    ['deploy', 'deployment', 'deployments'],
    ['sts', 'statefulset', 'statefulsets'],
    ['rs', 'replicaset', 'replicasets'],
    ['rc', 'replicationcontroller', 'replicationcontrollers'],
    ['ds', 'daemonset', 'daemonsets'],
    ['job', 'jobs'],
  ].flat(),
);
