/**
 * Selects the cluster and the user: from kubeconfig files, merged as kubectl does, or from a pod's service account.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { messageOf, SwitchboardError, systemCodeOf } from '../../errors.ts';
import { Credentials } from './credentials.ts';
import type { PlacedIdentity } from './identity-faults.ts';
import { type Kubeconfig, parseKubeconfig } from './kubeconfig-file.ts';

export interface KubeconfigChoice {
  /** A path. undefined: the files in KUBECONFIG, else ~/.kube/config, else the pod's service account. */
  readonly kubeconfig?: string | undefined;
  /** undefined: the current context. */
  readonly context?: string | undefined;
  /** false: the command has no flag --context, so no error advises it. */
  readonly hasContextFlag?: boolean | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** Called with the name of an exec plugin that takes long. */
  readonly onWaiting?: ((what: string) => void) | undefined;
}

export interface ChosenCluster extends PlacedIdentity {
  /** The context's name, for messages. */
  readonly name: string;
  /** The namespace that the context names. */
  readonly namespace?: string;
  readonly credentials: Credentials;
}

/** Where the kubelet puts a service account's credentials (Kubernetes docs, "Accessing the API from a Pod"). */
const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * Reads the configuration from disk on each call.
 *
 * @throws SWB_KUBECONFIG (no such context, or none at all)
 */
export async function chooseCluster(choice: KubeconfigChoice): Promise<ChosenCluster> {
  const env = choice.env ?? process.env;
  const files = kubeconfigFiles(choice.kubeconfig, env);
  const loaded = files.paths.flatMap(path => loadFile(path, files.named) ?? []);
  if (loaded.length === 0) {
    if (env.KUBERNETES_SERVICE_HOST === undefined) {
      throw noCluster(env.KUBECONFIG, files.paths);
    }
    loaded.push(serviceAccount(env.KUBERNETES_SERVICE_HOST, env.KUBERNETES_SERVICE_PORT ?? '443'));
  }
  const name = choice.context ?? loaded.map(({ current }) => current).find(Boolean);
  // Of two entries with one name the first counts, as with kubectl.
  const context = loaded.flatMap(({ contexts }) => contexts).find(one => one.name === name);
  const cluster = loaded.flatMap(({ clusters }) => clusters).find(one => one.name === context?.cluster);
  if (!name || context === undefined || cluster === undefined) {
    const names = new Set(loaded.flatMap(({ contexts }) => contexts.map(one => one.name)));
    throw configError(
      name ? `there is no context ${JSON.stringify(name)} with a cluster` : 'the kubeconfig has no current context',
      contextFix([...names], choice.hasContextFlag !== false),
    );
  }
  if (cluster.server === '') {
    throw configError(
      `the cluster ${JSON.stringify(cluster.name)} has no server`,
      'write its address as server: https://...',
    );
  }
  const user = loaded.flatMap(({ users }) => users).find(one => one.name === context.user);
  if (user === undefined && context.user !== undefined) {
    throw configError(
      `the context ${JSON.stringify(name)} names the user ${JSON.stringify(context.user)}, and there is none`,
      'correct the name, or add the user to the kubeconfig',
    );
  }
  return {
    cluster,
    user,
    clusterFile: loaded.find(({ clusters }) => clusters.includes(cluster))?.path ?? '',
    userFile: loaded.find(({ users }) => user !== undefined && users.includes(user))?.path ?? '',
    name,
    ...(context.namespace ? { namespace: context.namespace } : {}),
    credentials: new Credentials({ cluster, user }),
  };
}

function contextFix(names: readonly string[], hasFlag: boolean): string {
  if (names.length === 0) return 'it has no contexts: write one, or use another kubeconfig';
  return `${hasFlag ? 'pass one with --context' : 'set current-context to one of'}: ${names.join(', ')}`;
}

function noCluster(variable: string | undefined, paths: readonly string[]): SwitchboardError {
  if (!variable) return configError('no cluster is configured', 'pass --kubeconfig, or set KUBECONFIG');
  const which = paths.length === 1 ? 'which does not exist' : 'none of which exists';
  return configError(`KUBECONFIG names ${paths.join(', ')}, ${which}`, 'correct it, or pass --kubeconfig');
}

function kubeconfigFiles(named: string | undefined, env: NodeJS.ProcessEnv): { paths: string[]; named: boolean } {
  if (named !== undefined) return { paths: [named], named: true };
  const listed = (env.KUBECONFIG ?? '').split(delimiter).filter(path => path !== '');
  return { paths: listed.length > 0 ? listed : [join(env.HOME ?? homedir(), '.kube', 'config')], named: false };
}

/** @param named the user named this file, so it must exist; other files may be missing, as with kubectl */
function loadFile(path: string, named: boolean): Kubeconfig | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (!named && systemCodeOf(error) === 'ENOENT') return undefined;
    throw new SwitchboardError('SWB_KUBECONFIG', `the kubeconfig ${path} cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
  try {
    return parseKubeconfig(text, path);
  } catch (error) {
    throw new SwitchboardError('SWB_KUBECONFIG', `${path} is not a kubeconfig: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** The in-cluster configuration of client-go. */
function serviceAccount(host: string, port: string): Kubeconfig {
  const name = 'inClusterContext';
  const server = `https://${isIPv6(host) ? `[${host}]` : host}:${port}`;
  const cluster = { name, server, caFile: `${SERVICE_ACCOUNT}/ca.crt`, skipTLSVerify: false };
  const namespace = readNamespace();
  return {
    clusters: [cluster],
    users: [{ name, tokenFile: `${SERVICE_ACCOUNT}/token`, impersonateGroups: [] }],
    contexts: [{ name, cluster: name, user: name, ...(namespace === undefined ? {} : { namespace }) }],
    current: name,
    path: SERVICE_ACCOUNT,
  };
}

function readNamespace(): string | undefined {
  try {
    return readFileSync(`${SERVICE_ACCOUNT}/namespace`, 'utf8').trim();
  } catch {
    // Not every pod has this file; only commands without a namespace need it.
    return undefined;
  }
}

function configError(why: string, fix: string): SwitchboardError {
  return new SwitchboardError('SWB_KUBECONFIG', `${why}; ${fix}`);
}
