import { isRecord } from '../../src/data/index.ts';
import type { ControlPlane } from './control-plane.ts';

const RBAC = '/apis/rbac.authorization.k8s.io/v1';

export interface Account {
  /** One that is there. */
  readonly namespace: string;
  readonly name: string;
  /** Of a ClusterRole of its own. */
  readonly rules: readonly unknown[];
}

/** @returns the path of a kubeconfig for a service account that may do what the rules say, and nothing more */
export async function accountWith(api: ControlPlane, { namespace, name, rules }: Account): Promise<string> {
  const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;
  await post(api, accounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } });
  const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name }, rules };
  await post(api, `${RBAC}/clusterroles`, role);
  await post(api, `${RBAC}/clusterrolebindings`, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: [{ kind: 'ServiceAccount', name, namespace }],
  });
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 3600 } };
  const answer = await post(api, `${accounts}/${name}/token`, request);
  const token = isRecord(answer) && isRecord(answer.status) ? String(answer.status.token) : '';
  return api.kubeconfigFor(name, token);
}

async function post(api: ControlPlane, path: string, body: unknown): Promise<unknown> {
  const { status, json } = await api.request('POST', path, body);
  if (status < 200 || status > 299) throw new Error(`POST ${path}: ${status} ${JSON.stringify(json)}`);
  return json;
}
