/**
 * The credentials of a request: TLS files, headers, exec plugins and OIDC tokens, from the kubeconfig.
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import { messageOf, systemCodeOf } from '../../errors.ts';
import { ApiError } from './api-error.ts';
import { ExecPlugin, type PluginOptions } from './exec-plugin.ts';
import { headerFault, providerFault } from './identity-faults.ts';
import type { Cluster, User } from './kubeconfig-file.ts';
import { oidcTokenFor } from './oidc-token.ts';

export interface Identity {
  readonly cluster: Cluster;
  /** undefined: anonymous requests, which some clusters accept. */
  readonly user: User | undefined;
}

export class Credentials {
  readonly #cluster: Cluster;
  readonly #user: User | undefined;
  readonly #plugin: ExecPlugin | undefined;

  constructor({ cluster, user }: Identity) {
    this.#cluster = cluster;
    this.#user = user;
    this.#plugin = user?.exec === undefined ? undefined : new ExecPlugin(user.exec, cluster);
  }

  /**
   * Returns the options of one request. Reads files each time, since certificates and tokens are rotated.
   *
   * @throws ApiError `no-credentials` if a file cannot be read, or a plugin or an issuer fails
   */
  async options(plugin: PluginOptions = {}): Promise<RequestOptions> {
    try {
      return await this.#options(plugin);
    } catch (error) {
      throw new ApiError('no-credentials', messageOf(error).trim(), { cause: error });
    }
  }

  async #options(pluginOptions: PluginOptions): Promise<RequestOptions> {
    const cluster = this.#cluster;
    const user = this.#user;
    const [plugin, ca, cert, key] = await Promise.all([
      this.#plugin?.credential(pluginOptions),
      content(cluster.caFile, cluster.caData),
      content(user?.certFile, user?.certData),
      content(user?.keyFile, user?.keyData),
    ]);
    const tls = { ca, cert: plugin?.cert ?? cert, key: plugin?.key ?? key };
    return {
      ...Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined)),
      ...(cluster.skipTLSVerify ? { rejectUnauthorized: false } : {}),
      ...(cluster.tlsServerName ? { servername: cluster.tlsServerName } : {}),
      ...(user?.username ? { auth: `${user.username}:${user.password ?? ''}` } : {}),
      headers: await this.#headers(plugin?.token ?? (await this.#providerToken())),
    };
  }

  async #headers(pluginToken: string | undefined): Promise<Record<string, string | string[]>> {
    const user = this.#user;
    // A token in the kubeconfig takes precedence over a plugin's, and a token file over both, as in client-go.
    const token = user?.tokenFile === undefined ? (user?.token ?? pluginToken) : await readToken(user.tokenFile);
    const fault = token === undefined ? undefined : headerFault(token);
    if (fault !== undefined) throw new Error(`the token ${fault}`);
    return {
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      ...(user === undefined ? {} : impersonation(user)),
    };
  }

  /** The token of the kubeconfig's auth-provider. */
  async #providerToken(): Promise<string | undefined> {
    const provider = this.#user?.authProvider;
    if (this.#user === undefined || provider === undefined) return undefined;
    const fault = providerFault(this.#user);
    if (fault !== undefined) throw new Error(fault);
    return oidcTokenFor(this.#cluster.server, provider.config).token();
  }
}

function impersonation(user: User): Record<string, string | string[]> {
  return {
    ...(user.impersonateUser === undefined ? {} : { 'Impersonate-User': user.impersonateUser }),
    ...(user.impersonateGroups.length === 0 ? {} : { 'Impersonate-Group': [...user.impersonateGroups] }),
    ...(user.impersonateUid === undefined ? {} : { 'Impersonate-Uid': user.impersonateUid }),
  };
}

/** The file takes precedence over the data, as in client-go. */
async function content(file: string | undefined, data: string | undefined): Promise<Buffer | undefined> {
  if (file !== undefined) return read(file);
  return data === undefined ? undefined : Buffer.from(data, 'base64');
}

async function readToken(path: string): Promise<string> {
  return (await read(path)).toString('utf8').trim();
}

/** Errors of reading, unlike those of opening, do not name the file. */
async function read(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new Error(`${path} cannot be read: ${systemCodeOf(error) ?? messageOf(error)}`, { cause: error });
  }
}
