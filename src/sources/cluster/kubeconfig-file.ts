/**
 * The entries of a kubeconfig file, as client-go reads them. Names follow the Kubernetes client library, against which
 * a test compares this reader.
 *
 * @module
 */
import { dirname, resolve } from 'node:path';
import { isRecord } from '../../data/index.ts';
import { readYaml } from '../../kube/manifest/index.ts';
import { TypedFields } from './typed-fields.ts';

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
  readonly authProvider?: AuthProvider | undefined;
}

export interface AuthProvider {
  readonly name: string;
  readonly config: Readonly<Record<string, string>>;
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
  /** Where it is, for messages. */
  readonly path: string;
}

/**
 * Reads the text of a kubeconfig file. Relative paths in it are relative to its folder.
 *
 * @throws Error that names the entry and field that is missing or has another type, or the line that is not YAML
 */
export function parseKubeconfig(text: string, path: string): Kubeconfig {
  const { documents, errors } = readYaml(text);
  if (errors[0] !== undefined) throw new Error(`line ${errors[0].line}: ${errors[0].why}`);
  const root = new TypedFields(documents[0]?.value, '');
  const folder = dirname(resolve(path));
  return {
    clusters: entries(root, 'cluster', (name, cluster) => readCluster(name, cluster, folder)),
    users: entries(root, 'user', (name, user) => readUser(name, user, folder)),
    contexts: entries(root, 'context', readContext),
    current: root.text('current-context'),
    path,
  };
}

/** The entries of a list: the name of each, and its value under the list's name in singular. */
function entries<T>(
  root: TypedFields,
  key: 'cluster' | 'user' | 'context',
  read: (name: string, fields: TypedFields) => T,
): T[] {
  const list = `${key}s`;
  return root.list(list).map((item, index) => {
    const name = new TypedFields(item, `${list}[${index}]`).text('name');
    if (name === undefined) throw new Error(`${list}[${index}].name is missing`);
    const what = `${key} ${JSON.stringify(name)}`;
    const value: unknown = isRecord(item) ? item[key] : undefined;
    return read(name, new TypedFields(value, what));
  });
}

function readCluster(name: string, fields: TypedFields, folder: string): Cluster {
  return {
    name,
    server: (fields.text('server') ?? '').replace(/\/$/, ''),
    caFile: fields.path('certificate-authority', folder),
    caData: fields.text('certificate-authority-data'),
    skipTLSVerify: fields.flag('insecure-skip-tls-verify'),
    tlsServerName: fields.text('tls-server-name'),
    proxyUrl: fields.text('proxy-url'),
  };
}

function readUser(name: string, fields: TypedFields, folder: string): User {
  const exec = fields.below('exec');
  const provider = fields.below('auth-provider');
  return {
    name,
    certFile: fields.path('client-certificate', folder),
    certData: fields.text('client-certificate-data'),
    keyFile: fields.path('client-key', folder),
    keyData: fields.text('client-key-data'),
    token: fields.text('token'),
    tokenFile: fields.path('tokenFile', folder),
    username: fields.text('username'),
    password: fields.text('password'),
    impersonateUser: fields.text('as'),
    impersonateGroups: fields.texts('as-groups'),
    impersonateUid: fields.text('as-uid'),
    exec: exec.text('command') === undefined ? undefined : readExec(exec, folder),
    authProvider: fields.has('auth-provider')
      ? { name: provider.text('name') ?? '', config: provider.below('config').allTexts() }
      : undefined,
  };
}

function readExec(fields: TypedFields, folder: string): ExecConfig {
  const command = fields.text('command') ?? '';
  return {
    apiVersion: fields.text('apiVersion') ?? 'client.authentication.k8s.io/v1',
    // A bare name is looked up in PATH.
    command: /[/\\]/.test(command) ? resolve(folder, command) : command,
    args: fields.texts('args'),
    env: fields.eachBelow('env').map(item => ({ name: item.text('name') ?? '', value: item.text('value') ?? '' })),
    provideClusterInfo: fields.flag('provideClusterInfo'),
    installHint: fields.text('installHint'),
  };
}

function readContext(name: string, fields: TypedFields): Context {
  return {
    name,
    cluster: fields.text('cluster') ?? '',
    user: fields.text('user'),
    namespace: fields.text('namespace'),
  };
}
