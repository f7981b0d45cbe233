/**
 * Which cluster, as whom: kubeconfig files as kubectl merges them, or the service account of a pod.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import type { Cluster, KubeConfig, User } from '@kubernetes/client-node';
import { messageOf, SwitchboardError, systemCodeOf } from '../../errors.ts';
import { readYaml } from '../../kube/manifest/yaml.ts';
import { at, textAt } from './failure.ts';

export interface KubeconfigChoice {
  /** A path. undefined: what KUBECONFIG lists, else ~/.kube/config, else the pod's service account. */
  readonly kubeconfig?: string | undefined;
  /** undefined: the current context. */
  readonly context?: string | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
}

export interface ChosenCluster {
  readonly config: KubeConfig;
  readonly cluster: Cluster;
  /** The context's name, for the user. */
  readonly name: string;
  /** The context's own namespace. */
  readonly namespace?: string;
  /** Read anew for each request: whoever rotates a token writes it there. */
  readonly tokenFile?: string;
}

/**
 * Reads the configuration; again whenever it is called.
 *
 * @throws SWB_KUBECONFIG (no such context, or none at all)
 */
export async function chooseCluster(choice: KubeconfigChoice): Promise<ChosenCluster> {
  // The library takes most of a second and tens of megabytes to load: only whoever asks a cluster pays for it.
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  const env = choice.env ?? process.env;
  const tokenFiles = new Map<string, string>();
  const files = kubeconfigFiles(choice.kubeconfig, env);
  const loaded = files.paths.flatMap(path => {
    const one = loadFile(new KubeConfig(), path, files.named, tokenFiles);
    return one === undefined ? [] : [one];
  });
  if (loaded.length > 0) merge(config, loaded);
  else if (env.KUBERNETES_SERVICE_HOST !== undefined) config.loadFromCluster();
  else throw usage('no cluster is configured', 'give --kubeconfig, or set KUBECONFIG');

  if (choice.context !== undefined) config.setCurrentContext(choice.context);
  const name = config.getCurrentContext();
  const context = config.getContextObject(name);
  const cluster = config.getCurrentCluster();
  if (!name || context === null || cluster === null) {
    const names = config.getContexts().map(({ name: known }) => known);
    throw usage(
      name ? `there is no context ${JSON.stringify(name)} with a cluster` : 'the kubeconfig has no current context',
      `give one of: ${names.join(', ') || '(none)'}`,
    );
  }
  const user = config.getCurrentUser();
  const tokenFile = tokenFiles.get(context.user) ?? textAt(at(user?.authProvider, 'config'), 'tokenFile') ?? undefined;
  return {
    config,
    cluster,
    name,
    ...(context.namespace ? { namespace: context.namespace } : {}),
    ...(tokenFile === undefined ? {} : { tokenFile }),
  };
}

function kubeconfigFiles(named: string | undefined, env: NodeJS.ProcessEnv): { paths: string[]; named: boolean } {
  if (named !== undefined) return { paths: [named], named: true };
  const listed = (env.KUBECONFIG ?? '').split(delimiter).filter(path => path !== '');
  return { paths: listed.length > 0 ? listed : [join(env.HOME ?? homedir(), '.kube', 'config')], named: false };
}

/** A file that is only listed may be missing, as with kubectl. */
function loadFile(
  config: KubeConfig,
  path: string,
  named: boolean,
  tokenFiles: Map<string, string>,
): KubeConfig | undefined {
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
    config.loadFromString(text);
    config.makePathsAbsolute(dirname(resolve(path)));
    config.users = config.users.map(user => withPlugin(user, dirname(resolve(path))));
  } catch (error) {
    throw new SwitchboardError('SWB_KUBECONFIG', `${path} is no kubeconfig: ${messageOf(error)}`, {
      cause: error,
    });
  }
  for (const [user, file] of tokenFilesOf(text)) {
    if (!tokenFiles.has(user)) tokenFiles.set(user, resolve(dirname(path), file));
  }
  return config;
}

/**
 * A plugin is told what it is asked for, and one that is named by a path is looked for beside the file, both as kubectl
 * does and the library does not.
 */
function withPlugin(user: User, directory: string): User {
  const plugin: unknown = user.exec;
  const command = textAt(plugin, 'command');
  if (command === undefined) return user;
  const apiVersion = textAt(plugin, 'apiVersion') ?? 'client.authentication.k8s.io/v1';
  const asked = { apiVersion, kind: 'ExecCredential', spec: { interactive: false } };
  const env = at(plugin, 'env');
  const exec = {
    ...Object(plugin),
    command: /[/\\]/.test(command) ? resolve(directory, command) : command,
    env: [...(Array.isArray(env) ? env : []), { name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify(asked) }],
  };
  return { ...user, exec };
}

/** `tokenFile` of the users, which the library does not read. */
function tokenFilesOf(text: string): [string, string][] {
  const users = at(readYaml(text).documents[0]?.value, 'users');
  if (!Array.isArray(users)) return [];
  return users.flatMap((entry: unknown): [string, string][] => {
    const name = textAt(entry, 'name');
    const file = textAt(at(entry, 'user'), 'tokenFile');
    return name === undefined || file === undefined ? [] : [[name, file]];
  });
}

/** Of two entries with one name the first counts, as with kubectl; the library would throw. */
function merge(into: KubeConfig, configs: readonly KubeConfig[]): void {
  into.loadFromOptions({
    clusters: firstOfEachName(configs.flatMap(config => config.getClusters())).map(overHttp),
    users: firstOfEachName(configs.flatMap(config => config.getUsers())),
    contexts: firstOfEachName(configs.flatMap(config => config.getContexts())),
    currentContext: configs.map(config => config.getCurrentContext()).find(name => name),
  });
}

function firstOfEachName<T extends { readonly name: string }>(entries: readonly T[]): T[] {
  const found = new Map<string, T>();
  for (const entry of entries) if (!found.has(entry.name)) found.set(entry.name, entry);
  return [...found.values()];
}

/** Without TLS there is nothing to verify, but the library refuses http:// (as of `kubectl proxy`) unless it is told. */
function overHttp(cluster: Cluster): Cluster {
  return cluster.server.startsWith('http:') ? { ...cluster, skipTLSVerify: true } : cluster;
}

function usage(why: string, fix: string): SwitchboardError {
  return new SwitchboardError('SWB_KUBECONFIG', `${why}; ${fix}`);
}
