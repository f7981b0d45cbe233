import { dump } from 'js-yaml';
import { SwitchboardError } from '../../../errors.ts';
import { FEATURES, isFeature, rbacFor } from '../../../sources/cluster/rbac.ts';
import { EXIT } from '../../exit-codes.ts';
import { print } from '../../terminal.ts';

/** @returns the exit code. @throws SWB_USAGE */
export function rbac(features: readonly string[], serviceAccount: string | undefined): number {
  const unknown = features.find(feature => !isFeature(feature));
  if (unknown !== undefined) {
    throw new SwitchboardError('SWB_USAGE', `unknown feature "${unknown}"; use ${FEATURES.join(', ')}`);
  }
  const role = rbacFor(features.filter(isFeature));
  const documents: unknown[] = [role];
  if (serviceAccount !== undefined) documents.push(...bindingOf(role.metadata.name, serviceAccount));
  print(documents.map(document => dump(document)).join('---\n'));
  return EXIT.fine;
}

function bindingOf(role: string, account: string): unknown[] {
  const match = /^([a-z0-9-]+)\/([a-z0-9.-]+)$/.exec(account);
  if (match === null) {
    throw new SwitchboardError('SWB_USAGE', `--service-account ${account}: write NAMESPACE/NAME`);
  }
  const [, namespace, name] = match;
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace, name } },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: role },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
      subjects: [{ kind: 'ServiceAccount', namespace, name }],
    },
  ];
}
