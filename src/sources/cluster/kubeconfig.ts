/**
 * Which cluster, as whom: kubeconfig files as kubectl merges them, or the service account of a pod.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import {
  type Cluster,
  type Context,
  newClusters,
  newContexts,
  newUsers,
  type User,
} from '@kubernetes/client-node/dist/config_types.js';
import { messageOf, SwitchboardError, systemCodeOf } from '../../errors.ts';
import { readYaml } from '../../kube/manifest/yaml.ts';
import { Credentials, type Identity } from './credentials.ts';
import { execInfo } from './exec-info.ts';
import { at, textAt } from './failure.ts';

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

interface Kubeconfig {
  readonly clusters: readonly Cluster[];
  readonly users: readonly NamedUser[];
  readonly contexts: readonly Context[];
  readonly current: string | undefined;
}

/** A user with what the library does not read of it. */
interface NamedUser {
  readonly name: string;
  readonly user: User;
  readonly tokenFile: string | undefined;
  readonly impersonate: Identity['impersonate'];
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
  const found = loaded.flatMap(({ users }) => users).find(one => one.name === context.user);
  const identity = {
    cluster,
    user: found === undefined ? undefined : execInfo(found.user, cluster),
    tokenFile: found?.tokenFile,
    impersonate: found?.impersonate ?? { groups: [] },
  };
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
    return parse(text, dirname(resolve(path)));
  } catch (error) {
    throw new SwitchboardError('SWB_KUBECONFIG', `${path} is no kubeconfig: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** Paths in a kubeconfig are relative to its own folder. */
function parse(text: string, folder: string): Kubeconfig {
  const { documents, errors } = readYaml(text);
  if (errors[0] !== undefined) throw new Error(`line ${errors[0].line}: ${errors[0].why}`);
  const value = documents[0]?.value;
  const clusters = newClusters(at(value, 'clusters')).map(cluster =>
    cluster.caFile ? { ...cluster, caFile: resolve(folder, cluster.caFile) } : cluster,
  );
  const raw = at(value, 'users');
  const users = newUsers(raw).map((user, index) =>
    namedUser(user, at(Array.isArray(raw) ? raw[index] : undefined, 'user'), folder),
  );
  return { clusters, users, contexts: newContexts(at(value, 'contexts')), current: textAt(value, 'current-context') };
}

function namedUser(read: User, raw: unknown, folder: string): NamedUser {
  const tokenFile = textAt(raw, 'tokenFile');
  const groups = at(raw, 'as-groups');
  const command = textAt(read.exec, 'command');
  const user = {
    ...read,
    ...(read.certFile ? { certFile: resolve(folder, read.certFile) } : {}),
    ...(read.keyFile ? { keyFile: resolve(folder, read.keyFile) } : {}),
    // A plugin that is named by a path is looked for beside the file, as kubectl does and the library does not.
    ...(command !== undefined && /[/\\]/.test(command)
      ? { exec: { ...Object(read.exec), command: resolve(folder, command) } }
      : {}),
  };
  return {
    name: read.name,
    user,
    tokenFile: tokenFile === undefined ? undefined : resolve(folder, tokenFile),
    impersonate: { groups: Array.isArray(groups) ? groups.map(String) : [], uid: textAt(raw, 'as-uid') },
  };
}

/** What client-go calls the in-cluster configuration. */
function serviceAccount(host: string, port: string): Kubeconfig {
  const name = 'inClusterContext';
  const server = `https://${isIPv6(host) ? `[${host}]` : host}:${port}`;
  const cluster = { name, server, caFile: `${SERVICE_ACCOUNT}/ca.crt`, skipTLSVerify: false };
  const namespace = readNamespace();
  return {
    clusters: [cluster],
    users: [{ name, user: { name }, tokenFile: `${SERVICE_ACCOUNT}/token`, impersonate: { groups: [] } }],
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
