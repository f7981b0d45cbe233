/**
 * The entries of a kubeconfig file, as client-go reads them. Names follow the Kubernetes client library, against which
 * a test compares this reader.
 *
 * @module
 */
import { dirname, resolve } from 'node:path';
import { readYaml } from '../../kube/manifest/index.ts';
import { at, textAt } from './api-error.ts';

export interface Cluster {
  readonly name: string;
  /** Empty if it is missing: only the chosen cluster has to be complete. */
  readonly server: string;
  readonly caFile?: string | undefined;
  /** base64 */
  readonly caData?: string | undefined;
  readonly skipTLSVerify: boolean;
  readonly tlsServerName?: string | undefined;
  readonly proxyUrl?: string | undefined;
}

export interface User {
  readonly name: string;
  readonly certFile?: string | undefined;
  /** base64 */
  readonly certData?: string | undefined;
  readonly keyFile?: string | undefined;
  /** base64 */
  readonly keyData?: string | undefined;
  readonly token?: string | undefined;
  /** Takes precedence over `token`, and is read for each request. */
  readonly tokenFile?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly impersonateUser?: string | undefined;
  readonly impersonateGroups: readonly string[];
  readonly impersonateUid?: string | undefined;
  readonly exec?: ExecConfig | undefined;
  /** The old plugins; kubectl still supports `oidc`. */
  readonly authProvider?: unknown;
}

/** A program that prints credentials (client.authentication.k8s.io). */
export interface ExecConfig {
  readonly apiVersion: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly provideClusterInfo: boolean;
  readonly installHint?: string | undefined;
}

export interface Context {
  readonly name: string;
  readonly cluster: string;
  readonly user?: string | undefined;
  readonly namespace?: string | undefined;
}

export interface Kubeconfig {
  readonly clusters: readonly Cluster[];
  readonly users: readonly User[];
  readonly contexts: readonly Context[];
  readonly current: string | undefined;
}

/**
 * Reads the text of a kubeconfig file. Relative paths in it are relative to its folder.
 *
 * @throws Error that names the entry and field that is missing, or the line that is not YAML
 */
export function parseKubeconfig(text: string, path: string): Kubeconfig {
  const { documents, errors } = readYaml(text);
  if (errors[0] !== undefined) throw new Error(`line ${errors[0].line}: ${errors[0].why}`);
  const value = documents[0]?.value;
  const folder = dirname(resolve(path));
  return {
    clusters: entries(value, 'clusters', 'cluster', cluster => readCluster(cluster, folder)),
    users: entries(value, 'users', 'user', user => readUser(user, folder)),
    contexts: entries(value, 'contexts', 'context', readContext),
    current: textAt(value, 'current-context'),
  };
}

interface Entry {
  readonly name: string;
  readonly value: unknown;
}

function entries<T>(root: unknown, list: string, key: string, read: (entry: Entry) => T): T[] {
  const items = at(root, list);
  if (!Array.isArray(items)) return [];
  return items.map((item: unknown, index) => {
    const name = textAt(item, 'name');
    if (name === undefined) throw new Error(`${list}[${index}].name is missing`);
    const value = at(item, key);
    return read({ name, value });
  });
}

function readCluster({ name, value }: Entry, folder: string): Cluster {
  return {
    name,
    server: (textAt(value, 'server') ?? '').replace(/\/$/, ''),
    caFile: pathAt(value, 'certificate-authority', folder),
    caData: textAt(value, 'certificate-authority-data'),
    skipTLSVerify: at(value, 'insecure-skip-tls-verify') === true,
    tlsServerName: textAt(value, 'tls-server-name'),
    proxyUrl: textAt(value, 'proxy-url'),
  };
}

function readUser({ name, value }: Entry, folder: string): User {
  const exec = at(value, 'exec');
  return {
    name,
    certFile: pathAt(value, 'client-certificate', folder),
    certData: textAt(value, 'client-certificate-data'),
    keyFile: pathAt(value, 'client-key', folder),
    keyData: textAt(value, 'client-key-data'),
    token: textAt(value, 'token'),
    tokenFile: pathAt(value, 'tokenFile', folder),
    username: textAt(value, 'username'),
    password: textAt(value, 'password'),
    impersonateUser: textAt(value, 'as'),
    impersonateGroups: textsAt(value, 'as-groups'),
    impersonateUid: textAt(value, 'as-uid'),
    exec: textAt(exec, 'command') === undefined ? undefined : readExec(exec, folder),
    authProvider: at(value, 'auth-provider') ?? undefined,
  };
}

function readExec(value: unknown, folder: string): ExecConfig {
  const command = textAt(value, 'command') ?? '';
  const env = at(value, 'env');
  return {
    apiVersion: textAt(value, 'apiVersion') ?? 'client.authentication.k8s.io/v1',
    // A bare name is looked up in PATH.
    command: /[/\\]/.test(command) ? resolve(folder, command) : command,
    args: textsAt(value, 'args'),
    env: (Array.isArray(env) ? env : []).map((item: unknown) => ({
      name: textAt(item, 'name') ?? '',
      value: textAt(item, 'value') ?? '',
    })),
    provideClusterInfo: at(value, 'provideClusterInfo') === true,
    installHint: textAt(value, 'installHint'),
  };
}

function readContext({ name, value }: Entry): Context {
  return {
    name,
    cluster: textAt(value, 'cluster') ?? '',
    user: textAt(value, 'user'),
    namespace: textAt(value, 'namespace'),
  };
}

function pathAt(value: unknown, field: string, folder: string): string | undefined {
  const path = textAt(value, field);
  return path === undefined ? undefined : resolve(folder, path);
}

function textsAt(value: unknown, field: string): string[] {
  const list = at(value, field);
  return Array.isArray(list) ? list.map(String) : [];
}
