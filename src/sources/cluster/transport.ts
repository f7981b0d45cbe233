import http from 'node:http';
import https, { type AgentOptions } from 'node:https';
import { checkServerIdentity, createSecureContext, type SecureContextOptions } from 'node:tls';
import { createGunzip } from 'node:zlib';
import { parseJson } from '../../data/index.ts';
import { messageOf } from '../../errors.ts';
import { ApiError, apiErrorOf, errorOfStatus } from './api-error.ts';
import { checkIdentity } from './identity-faults.ts';
import { type ChosenCluster, chooseCluster, type KubeconfigChoice } from './kubeconfig.ts';
import type { Cluster } from './kubeconfig-file.ts';

export interface RequestOptions {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Milliseconds without a byte after which the connection counts as lost. */
  readonly silenceMs: number;
}

/** Limit for the body of an error response. */
const MAX_ERROR_BYTES = 64 * 1024;
const TCP_KEEP_ALIVE_MS = 15_000;

interface Access {
  readonly chosen: ChosenCluster;
  readonly options: https.RequestOptions;
}

/**
 * GET requests to one API server, with the kubeconfig's credentials, TLS settings and proxy, gzip, and an idle timeout.
 * Reuses connections while the TLS credentials stay the same.
 */
export class Transport {
  readonly #choice: KubeconfigChoice;
  #chosen: ChosenCluster;
  #access: Promise<Access> | undefined;
  #refreshing: Promise<void> | undefined;
  #agent: Promise<http.Agent> | undefined;
  #agentKey = '';
  /** Ends an exec plugin that is still running. */
  readonly #closed = new AbortController();

  private constructor(choice: KubeconfigChoice, chosen: ChosenCluster) {
    this.#choice = choice;
    this.#chosen = chosen;
  }

  /** @throws SWB_KUBECONFIG, also for values that no request can carry */
  static async open(choice: KubeconfigChoice): Promise<Transport> {
    return new Transport(choice, await chooseChecked(choice));
  }

  /** The address of the API server, for messages: without a password. */
  get server(): string {
    return withoutPassword(this.#chosen.cluster.server);
  }

  get contextName(): string {
    return this.#chosen.name;
  }

  get contextNamespace(): string | undefined {
    return this.#chosen.namespace;
  }

  /**
   * Yields the decompressed body chunk by chunk as it arrives. The first chunk is empty and comes with the response
   * headers, since a watch may have no events for a long time.
   *
   * @throws ApiError for every status other than 200, and for connection, TLS and decompression errors
   */
  async *get(request: RequestOptions): AsyncGenerator<Buffer> {
    const response = await this.#send(request);
    const compressed = response.headers['content-encoding'] === 'gzip';
    const body = compressed ? response.pipe(createGunzip()) : response;
    if (compressed) response.once('error', error => body.destroy(error));
    try {
      if (response.statusCode !== 200) throw await errorOfResponse(response, body);
      yield Buffer.alloc(0);
      for await (const chunk of body) yield Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk);
      if (!response.complete) throw new ApiError('lost', 'the connection was cut');
    } catch (error) {
      throw apiErrorOf(error);
    } finally {
      // No effect on a response that was read to the end; its connection can be reused.
      if (!response.complete || body.readableEnded === false) response.destroy();
    }
  }

  /** Reads the kubeconfig again. After a 401, a cached token or plugin result may be out of date. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  close(): void {
    this.#closed.abort(new ApiError('lost', 'the connection was closed'));
    this.#agent?.then(
      agent => agent.destroy(),
      () => undefined,
    );
    this.#agent = undefined;
    this.#agentKey = '';
  }

  async #refresh(): Promise<void> {
    this.#chosen = await chooseChecked(this.#choice);
    this.#access = undefined;
  }

  async #send({ path, query, signal, silenceMs }: RequestOptions): Promise<http.IncomingMessage> {
    const { options, chosen } = await untilAborted(this.#authenticated(), signal);
    const url = new URL(chosen.cluster.server);
    url.pathname = `${url.pathname.replace(/\/$/, '')}${path}`;
    url.search = new URLSearchParams(query).toString();
    const headers = { ...options.headers, accept: 'application/json', 'accept-encoding': 'gzip' };
    const library = url.protocol === 'http:' ? http : https;
    return new Promise((resolve, reject) => {
      let response: http.IncomingMessage | undefined;
      const request = library.get(url, { ...options, headers, signal, timeout: silenceMs }, message => {
        response = message;
        resolve(message);
      });
      request.on('timeout', () => {
        (response ?? request).destroy(new ApiError('lost', `silent for ${silenceMs / 1000} s`));
      });
      request.on('error', error => reject(apiErrorOf(error)));
    });
  }

  /** Several lists start at once; an exec plugin must run only once for all of them. */
  async #authenticated(): Promise<Access> {
    this.#access ??= this.#authenticate().finally(() => {
      this.#access = undefined;
    });
    return this.#access;
  }

  async #authenticate(): Promise<Access> {
    const chosen = this.#chosen;
    const options = await chosen.credentials.options({
      signal: this.#closed.signal,
      onWaiting: this.#choice.onWaiting,
    });
    const { ca, cert, key, passphrase, rejectUnauthorized, servername } = options;
    const tls = { ca, cert, key, passphrase, rejectUnauthorized, servername };
    const agentKey = JSON.stringify([chosen.cluster, tls]);
    if (agentKey !== this.#agentKey) checkTls(tls);
    const agent = await this.#agentFor(agentKey, tls);
    return { chosen, options: { ...options, ...proxiedIdentity(chosen.cluster), agent } };
  }

  #agentFor(key: string, tls: Readonly<Record<string, unknown>>): Promise<http.Agent> {
    if (this.#agent !== undefined && this.#agentKey === key) return this.#agent;
    // Requests in flight finish on the old agent; only its idle connections are closed.
    this.#agent?.then(closeIdle, () => undefined);
    const tlsOptions = Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined));
    this.#agent = createAgent(this.#chosen.cluster, tlsOptions);
    this.#agentKey = key;
    return this.#agent;
  }
}

async function chooseChecked(choice: KubeconfigChoice): Promise<ChosenCluster> {
  const chosen = await chooseCluster(choice);
  await checkIdentity(chosen);
  return chosen;
}

/** Files may have changed since the start. */
function checkTls(tls: SecureContextOptions): void {
  try {
    createSecureContext(tls);
  } catch (error) {
    throw new ApiError('no-credentials', `the certificates cannot be used: ${messageOf(error)}`, { cause: error });
  }
}

function withoutPassword(server: string): string {
  const url = URL.parse(server);
  if (url === null || (url.username === '' && url.password === '')) return server;
  url.username = '';
  url.password = '';
  return url.href.replace(/\/$/, '');
}

function closeIdle(agent: http.Agent): void {
  for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
}

/**
 * Through a proxy, TLS starts on a socket without the API server's name; for a server given by IP address, Node.js would
 * then check the certificate against localhost.
 */
function proxiedIdentity({ server, proxyUrl, tlsServerName }: Cluster): https.RequestOptions {
  if (proxyUrl === undefined) return {};
  const name = tlsServerName ?? new URL(server).hostname.replace(/^\[|\]$/g, '');
  return { checkServerIdentity: (_host, certificate) => checkServerIdentity(name, certificate) };
}

/** @param tls TLS options of the connections */
async function createAgent({ server, proxyUrl }: Cluster, tls: AgentOptions): Promise<http.Agent> {
  const kept = { keepAlive: true, keepAliveMsecs: TCP_KEEP_ALIVE_MS };
  if (proxyUrl === undefined) {
    // Honors HTTPS_PROXY and NO_PROXY, in Node.js versions that support it.
    const options = { ...kept, proxyEnv: process.env };
    return server.startsWith('http:') ? new http.Agent(options) : new https.Agent({ ...options, ...tls });
  }
  if (proxyUrl.startsWith('socks')) {
    const { SocksProxyAgent } = await import('socks-proxy-agent');
    // As in client-go, the proxy resolves the server's name.
    const agent = new SocksProxyAgent(proxyUrl.replace(/^socks5?:/, 'socks5h:'), { ...kept, ...tls });
    agent.proxy.host = new URL(proxyUrl).hostname.replace(/^\[|\]$/g, '');
    return agent;
  }
  const { HttpsProxyAgent } = await import('https-proxy-agent');
  return new HttpsProxyAgent(proxyUrl, kept);
}

/** Rejects on abort without waiting for `work`: an exec plugin may take long, or prompt the user. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    const done = (): void => signal.removeEventListener('abort', onAbort);
    work.then(resolve, reject).finally(done);
  });
}

async function errorOfResponse(response: http.IncomingMessage, body: AsyncIterable<unknown>): Promise<ApiError> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    if (!Buffer.isBuffer(chunk)) continue;
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_ERROR_BYTES) break;
  }
  const text = Buffer.concat(chunks).toString('utf8');
  return errorOfStatus(response.statusCode ?? 0, parseJson(text), response.headers['retry-after']);
}
