/**
 * Which cluster, as whom: kubeconfig files as kubectl merges them, or the service account of a pod.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { messageOf, SwitchboardError, systemCodeOf } from '../../errors.ts';
import { Credentials, type Identity } from './credentials.ts';
import { type Kubeconfig, parseKubeconfig } from './kubeconfig-file.ts';

export interface KubeconfigChoice {
  /** A path. undefined: what KUBECONFIG lists, else ~/.kube/config, else the pod's service account. */
  readonly kubeconfig?: string | undefined;
  /** undefined: the current context. */
  readonly context?: string | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
}

export interface ChosenCluster extends Identity {
  /** The context's name, for the user. */
  readonly name: string;
  /** The context's own namespace. */
  readonly namespace?: string;
  readonly credentials: Credentials;
}

/** Where the kubelet puts a service account's credentials (Kubernetes docs, "Accessing the API from a Pod"). */
const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * Reads the configuration; again whenever it is called.
 *
 * @throws SWB_KUBECONFIG (no such context, or none at all)
 */
export async function chooseCluster(choice: KubeconfigChoice): Promise<ChosenCluster> {
  const env = choice.env ?? process.env;
  const files = kubeconfigFiles(choice.kubeconfig, env);
  const loaded = files.paths.flatMap(path => loadFile(path, files.named) ?? []);
  if (loaded.length === 0) {
    if (env.KUBERNETES_SERVICE_HOST === undefined) {
      throw usage('no cluster is configured', 'give --kubeconfig, or set KUBECONFIG');
    }
    loaded.push(serviceAccount(env.KUBERNETES_SERVICE_HOST, env.KUBERNETES_SERVICE_PORT ?? '443'));
  }
  const name = choice.context ?? loaded.map(({ current }) => current).find(Boolean);
  // Of two entries with one name the first counts, as with kubectl.
  const context = loaded.flatMap(({ contexts }) => contexts).find(one => one.name === name);
  const cluster = loaded.flatMap(({ clusters }) => clusters).find(one => one.name === context?.cluster);
  if (!name || context === undefined || cluster === undefined) {
    const names = new Set(loaded.flatMap(({ contexts }) => contexts.map(one => one.name)));
    throw usage(
      name ? `there is no context ${JSON.stringify(name)} with a cluster` : 'the kubeconfig has no current context',
      `give one of: ${[...names].join(', ') || '(none)'}`,
    );
  }
  const user = loaded.flatMap(({ users }) => users).find(one => one.name === context.user);
  const identity = { cluster, user };
  return {
    ...identity,
    name,
    ...(context.namespace ? { namespace: context.namespace } : {}),
    credentials: new Credentials(identity),
  };
}

function kubeconfigFiles(named: string | undefined, env: NodeJS.ProcessEnv): { paths: string[]; named: boolean } {
  if (named !== undefined) return { paths: [named], named: true };
  const listed = (env.KUBECONFIG ?? '').split(delimiter).filter(path => path !== '');
  return { paths: listed.length > 0 ? listed : [join(env.HOME ?? homedir(), '.kube', 'config')], named: false };
}

/** A file that is only listed may be missing, as with kubectl. */
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

/** What client-go calls the in-cluster configuration. */
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
  };
}

function readNamespace(): string | undefined {
  try {
    return readFileSync(`${SERVICE_ACCOUNT}/namespace`, 'utf8').trim();
  } catch {
    // Not every pod has one; it matters to commands that name no namespace only.
    return undefined;
  }
}

function usage(why: string, fix: string): SwitchboardError {
  return new SwitchboardError('SWB_KUBECONFIG', `${why}; ${fix}`);
}
