import { isRecord } from '../../src/data/index.ts';
import { eventually } from '../eventually.ts';
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
  await granted(api, `system:serviceaccount:${namespace}:${name}`, rules);
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 3600 } };
  const answer = await post(api, `${accounts}/${name}/token`, request);
  const token = isRecord(answer) && isRecord(answer.status) ? String(answer.status.token) : '';
  return api.kubeconfigFor(name, token);
}

/** Waits until the API server's authorizer, which follows roles by a watch, knows the new ones. */
async function granted(api: ControlPlane, user: string, rules: readonly unknown[]): Promise<void> {
  const rule = rules.filter(isRecord).find(each => each.resourceNames === undefined);
  const first = (name: string): string => {
    const values = rule?.[name];
    return Array.isArray(values) ? String(values[0] ?? '') : '';
  };
  if (rule === undefined || first('resources') === '') return;
  const resourceAttributes = { verb: first('verbs'), group: first('apiGroups'), resource: first('resources') };
  const review = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: { user, resourceAttributes },
  };
  await eventually(`rights of ${user}`, async () => {
    const answer = await post(api, '/apis/authorization.k8s.io/v1/subjectaccessreviews', review);
    return isRecord(answer) && isRecord(answer.status) && answer.status.allowed === true;
  });
}

async function post(api: ControlPlane, path: string, body: unknown): Promise<unknown> {
  const { status, json } = await api.request('POST', path, body);
  if (status < 200 || status > 299) throw new Error(`POST ${path}: ${status} ${JSON.stringify(json)}`);
  return json;
}
