import http from 'node:http';
import https, { type AgentOptions } from 'node:https';
import { checkServerIdentity } from 'node:tls';
import { createGunzip } from 'node:zlib';
import { failureOf, failureOfStatus, RequestFailure } from './failure.ts';
import { type ChosenCluster, chooseCluster, type KubeconfigChoice } from './kubeconfig.ts';
import type { Cluster } from './kubeconfig-file.ts';

export interface Asking {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Milliseconds without a byte after which the connection counts as lost. */
  readonly silenceMs: number;
}

/** How much of an answer that is an error is read. */
const MOST_ERROR_BYTES = 64 * 1024;
const TCP_KEEP_ALIVE_MS = 15_000;

interface Access {
  readonly chosen: ChosenCluster;
  readonly options: https.RequestOptions;
}

/**
 * GET requests to one API server: credentials, TLS and proxy as the kubeconfig says, gzip, and a deadline for silence.
 * Connections are kept and used again while the credentials of TLS stay the same.
 */
export class Transport {
  readonly #choice: KubeconfigChoice;
  #chosen: ChosenCluster;
  #access: Promise<Access> | undefined;
  #refreshing: Promise<void> | undefined;
  #agent: Promise<http.Agent> | undefined;
  #agentKey = '';

  private constructor(choice: KubeconfigChoice, chosen: ChosenCluster) {
    this.#choice = choice;
    this.#chosen = chosen;
  }

  /** @throws as `chooseCluster` */
  static async open(choice: KubeconfigChoice): Promise<Transport> {
    return new Transport(choice, await chooseCluster(choice));
  }

  /** For the user: the address of the API server. */
  get server(): string {
    return this.#chosen.cluster.server;
  }

  get contextName(): string {
    return this.#chosen.name;
  }

  get contextNamespace(): string | undefined {
    return this.#chosen.namespace;
  }

  /**
   * The answer's bytes, unpacked, chunk by chunk as they arrive; before them an empty chunk as soon as the server has
   * agreed, since a watch may have nothing to say for a long time.
   *
   * @throws RequestFailure for every status but 200, and for whatever breaks on the way
   */
  async *get(asking: Asking): AsyncGenerator<Buffer> {
    const response = await this.#send(asking);
    const packed = response.headers['content-encoding'] === 'gzip';
    const body = packed ? response.pipe(createGunzip()) : response;
    if (packed) response.once('error', error => body.destroy(error));
    try {
      if (response.statusCode !== 200) throw await refusal(response, body);
      yield Buffer.alloc(0);
      for await (const chunk of body) yield Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk);
      if (!response.complete) throw new RequestFailure('lost', 'the connection was cut');
    } catch (error) {
      throw failureOf(error);
    } finally {
      // Without effect on an answer that has been read to its end, whose connection may be used again.
      if (!response.complete || body.readableEnded === false) response.destroy();
    }
  }

  /** Reads the configuration again: after a 401, a token or a plugin's answer that was kept may be out of date. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  close(): void {
    this.#agent?.then(
      agent => agent.destroy(),
      () => undefined,
    );
    this.#agent = undefined;
    this.#agentKey = '';
  }

  async #refresh(): Promise<void> {
    this.#chosen = await chooseCluster(this.#choice);
    this.#access = undefined;
  }

  async #send({ path, query, signal, silenceMs }: Asking): Promise<http.IncomingMessage> {
    const { options, chosen } = await untilAborted(this.#authenticated(), signal);
    const url = new URL(chosen.cluster.server);
    url.pathname = `${url.pathname.replace(/\/$/, '')}${path}`;
    url.search = new URLSearchParams(query).toString();
    const headers = { ...options.headers, accept: 'application/json', 'accept-encoding': 'gzip' };
    const library = url.protocol === 'http:' ? http : https;
    return new Promise((resolve, reject) => {
      let answer: http.IncomingMessage | undefined;
      const request = library.get(url, { ...options, headers, signal, timeout: silenceMs }, response => {
        answer = response;
        resolve(response);
      });
      request.on('timeout', () => {
        (answer ?? request).destroy(new RequestFailure('lost', `silent for ${silenceMs / 1000} s`));
      });
      request.on('error', error => reject(failureOf(error)));
    });
  }

  /** Several lists begin at once, and a plugin must run for all of them once. */
  async #authenticated(): Promise<Access> {
    this.#access ??= this.#authenticate().finally(() => {
      this.#access = undefined;
    });
    return this.#access;
  }

  async #authenticate(): Promise<Access> {
    const chosen = this.#chosen;
    const options = await chosen.credentials.options();
    const { ca, cert, key, passphrase, rejectUnauthorized, servername } = options;
    const tls = { ca, cert, key, passphrase, rejectUnauthorized, servername };
    const agentKey = JSON.stringify([chosen.cluster, tls]);
    const agent = await this.#agentFor(agentKey, tls);
    return { chosen, options: { ...options, ...proxiedIdentity(chosen.cluster), agent } };
  }

  #agentFor(key: string, tls: Readonly<Record<string, unknown>>): Promise<http.Agent> {
    if (this.#agent !== undefined && this.#agentKey === key) return this.#agent;
    // Requests that still run over the old agent end in their own time; its idle connections have no use any more.
    this.#agent?.then(closeIdle, () => undefined);
    const given = Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined));
    this.#agent = createAgent(this.#chosen.cluster, given);
    this.#agentKey = key;
    return this.#agent;
  }
}

function closeIdle(agent: http.Agent): void {
  for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
}

/**
 * Behind a proxy, TLS starts on a socket that does not know the API server's name, and Node.js would expect a certificate
 * for localhost where the server is given by address.
 */
function proxiedIdentity({ server, proxyUrl, tlsServerName }: Cluster): https.RequestOptions {
  if (proxyUrl === undefined) return {};
  const name = tlsServerName ?? new URL(server).hostname.replace(/^\[|\]$/g, '');
  return { checkServerIdentity: (_host, certificate) => checkServerIdentity(name, certificate) };
}

/** @param tls options of the connections */
async function createAgent({ server, proxyUrl }: Cluster, tls: AgentOptions): Promise<http.Agent> {
  const kept = { keepAlive: true, keepAliveMsecs: TCP_KEEP_ALIVE_MS };
  if (proxyUrl === undefined) {
    // Obeys HTTPS_PROXY and NO_PROXY, in versions of Node.js that know them.
    const options = { ...kept, proxyEnv: process.env };
    return server.startsWith('http:') ? new http.Agent(options) : new https.Agent({ ...options, ...tls });
  }
  if (proxyUrl.startsWith('socks')) {
    const { SocksProxyAgent } = await import('socks-proxy-agent');
    return new SocksProxyAgent(proxyUrl, { ...kept, ...tls });
  }
  const { HttpsProxyAgent } = await import('https-proxy-agent');
  return new HttpsProxyAgent(proxyUrl, kept);
}

/** A plugin may take its time, or ask a human; whoever wants to end does not wait for it. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    const done = (): void => signal.removeEventListener('abort', onAbort);
    work.then(resolve, reject).finally(done);
  });
}

async function refusal(response: http.IncomingMessage, body: AsyncIterable<unknown>): Promise<RequestFailure> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    if (!Buffer.isBuffer(chunk)) continue;
    chunks.push(chunk);
    size += chunk.length;
    if (size > MOST_ERROR_BYTES) break;
  }
  const text = Buffer.concat(chunks).toString('utf8');
  return failureOfStatus(response.statusCode ?? 0, parsed(text), response.headers['retry-after']);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
