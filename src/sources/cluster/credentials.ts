/**
 * How a request proves who it is from: TLS, headers, and a proxy on the way, as the kubeconfig says.
 *
 * The library's `KubeConfig` knows all of it, and brings every type of the API with it: 0.7 s and 80 MB, on each node,
 * for certificates and a token. So what nearly all kubeconfigs hold is put together here, plugins are run by the
 * library's own class for them, and the whole library is loaded for the rest: proxies and old auth-providers.
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import type { Cluster, User } from '@kubernetes/client-node/dist/config_types.js';
import { messageOf } from '../../errors.ts';
import { RequestFailure } from './failure.ts';

export interface Identity {
  readonly cluster: Cluster;
  /** undefined: nobody, which some clusters let in. */
  readonly user: User | undefined;
  /** Read anew for each request: whoever rotates a token writes it there. */
  readonly tokenFile?: string | undefined;
  /** Beside the user's own `as`. */
  readonly impersonate: { readonly groups: readonly string[]; readonly uid?: string | undefined };
}

export class Credentials {
  readonly #identity: Identity;
  /** Keeps what a plugin answered for as long as that is good. */
  #plugin: Promise<{ applyAuthentication(user: User, options: RequestOptions): Promise<void> }> | undefined;
  #library: Promise<KubeConfig> | undefined;

  constructor(identity: Identity) {
    this.#identity = identity;
  }

  /** @throws RequestFailure `unauthorized` if a file cannot be read or a plugin fails */
  async options(): Promise<RequestOptions> {
    const { tokenFile, impersonate } = this.#identity;
    const options = await this.#basic();
    const headers = Object.fromEntries(Object.entries(options.headers ?? {}));
    if (impersonate.groups.length > 0) headers['Impersonate-Group'] = [...impersonate.groups];
    if (impersonate.uid !== undefined) headers['Impersonate-Uid'] = impersonate.uid;
    if (tokenFile !== undefined) {
      for (const name of Object.keys(headers)) if (name.toLowerCase() === 'authorization') delete headers[name];
      headers.Authorization = `Bearer ${await readToken(tokenFile)}`;
    }
    return { ...options, headers };
  }

  async #basic(): Promise<RequestOptions> {
    const { cluster, user } = this.#identity;
    try {
      if (cluster.proxyUrl || user?.authProvider) return await this.#byLibrary();
      return await this.#byHand();
    } catch (error) {
      const why = messageOf(error).trim() || 'the exec plugin failed without a word';
      throw new RequestFailure('unauthorized', `the credentials cannot be had: ${why}`, { cause: error });
    }
  }

  async #byHand(): Promise<RequestOptions> {
    const { cluster, user } = this.#identity;
    const [ca, cert, key] = await Promise.all([
      content(cluster.caFile, cluster.caData),
      content(user?.certFile, user?.certData),
      content(user?.keyFile, user?.keyData),
    ]);
    const headers: Record<string, string> = {};
    const options: RequestOptions = {
      headers,
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(cluster.skipTLSVerify ? { rejectUnauthorized: false } : {}),
      ...(cluster.tlsServerName ? { servername: cluster.tlsServerName } : {}),
      ...(user?.username ? { auth: `${user.username}:${user.password ?? ''}` } : {}),
    };
    if (user?.impersonateUser) headers['Impersonate-User'] = user.impersonateUser;
    if (user?.exec) await (await this.#execAuth()).applyAuthentication(user, options);
    // A token in the kubeconfig is stronger than a plugin's, as with kubectl.
    if (user?.token) headers.Authorization = `Bearer ${user.token}`;
    return options;
  }

  #execAuth() {
    this.#plugin ??= import('@kubernetes/client-node/dist/exec_auth.js').then(({ ExecAuth }) => new ExecAuth());
    return this.#plugin;
  }

  async #byLibrary(): Promise<RequestOptions> {
    const { cluster, user } = this.#identity;
    this.#library ??= import('@kubernetes/client-node').then(({ KubeConfig }) => {
      const config = new KubeConfig();
      // Without TLS there is nothing to verify, but the library refuses http:// unless it is told.
      const plain = cluster.server.startsWith('http:') ? { ...cluster, skipTLSVerify: true } : cluster;
      config.loadFromClusterAndUser(plain, user ?? { name: 'nobody' });
      return config;
    });
    const options: RequestOptions = {};
    await (await this.#library).applyToHTTPSOptions(options);
    return options;
  }
}

/** Of two ways to give it the file is the stronger one, as in the library; read anew, since certificates are renewed. */
async function content(file: string | undefined, data: string | undefined): Promise<Buffer | undefined> {
  if (file) return readFile(file);
  return data ? Buffer.from(data, 'base64') : undefined;
}

async function readToken(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    throw new RequestFailure('unauthorized', `the token cannot be read: ${messageOf(error)}`, { cause: error });
  }
}
