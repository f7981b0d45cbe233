import type { Cluster, User } from '@kubernetes/client-node/dist/config_types.js';
import { at, textAt } from './failure.ts';

/**
 * A plugin is told what it is asked for (KUBERNETES_EXEC_INFO, client.authentication.k8s.io), and of the cluster if it
 * asks for that; kubectl does so, and the library does not.
 */
export function execInfo(user: User, cluster: Cluster): User {
  const plugin: unknown = user.exec;
  if (textAt(plugin, 'command') === undefined) return user;
  const apiVersion = textAt(plugin, 'apiVersion') ?? 'client.authentication.k8s.io/v1';
  const spec = {
    ...(at(plugin, 'provideClusterInfo') === true ? { cluster: clusterInfo(cluster) } : {}),
    interactive: false,
  };
  const env = at(plugin, 'env');
  const asked = { name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify({ apiVersion, kind: 'ExecCredential', spec }) };
  return { ...user, exec: { ...Object(plugin), env: [...(Array.isArray(env) ? env : []), asked] } };
}

function clusterInfo({ server, caData, tlsServerName, skipTLSVerify, proxyUrl }: Cluster) {
  return {
    server,
    ...(tlsServerName ? { 'tls-server-name': tlsServerName } : {}),
    ...(skipTLSVerify ? { 'insecure-skip-tls-verify': true } : {}),
    ...(caData ? { 'certificate-authority-data': caData } : {}),
    ...(proxyUrl ? { 'proxy-url': proxyUrl } : {}),
  };
}
