import { Agent } from 'node:https';
import { Readable } from 'node:stream';
import type DockerModem from 'docker-modem';
import { isRecord, parseJson } from '../../data/index.ts';
import { messageOf, SwitchboardError, systemCodeOf } from '../../errors.ts';
import { type EngineEndpoint, endpointText } from './endpoint.ts';
import { refused, unanswered } from './engine-error.ts';
import { loadModem } from './load-modem.ts';
import { SshAgent } from './ssh-agent.ts';

export interface EngineRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD';
  /** Below the version, as `/containers/json`; parts that are names must be encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** Sent as JSON. Never logged: it holds the variables of containers. */
  readonly body?: object;
  /** Sent as a tar archive in place of a body. */
  readonly archive?: Buffer | Readable;
  /** The value of X-Registry-Auth. */
  readonly registryAuth?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** What the request does, for errors: `create container swb-…`. */
  readonly doing: string;
  /** In place of the negotiated version: `/v4.0.0/libpod`; empty: no version. */
  readonly prefix?: string;
}

/** docker-modem takes every answer that is listed here as a success; all others become errors with the engine's message. */
const SUCCESS = { 200: true, 201: true, 202: true, 204: true, 304: true };

/** Requests to one engine. The only place that uses docker-modem. */
export class EngineApi {
  readonly endpoint: EngineEndpoint;
  readonly #modem: DockerModem;
  readonly #agent: SshAgent | undefined;
  #prefix = '';

  private constructor(endpoint: EngineEndpoint, modem: DockerModem, agent: SshAgent | undefined) {
    this.endpoint = endpoint;
    this.#modem = modem;
    this.#agent = agent;
  }

  static async open(endpoint: EngineEndpoint): Promise<EngineApi> {
    const Modem = await loadModem();
    const agent = endpoint.kind === 'ssh' ? new SshAgent(endpoint.url) : undefined;
    try {
      return new EngineApi(endpoint, new Modem(modemOptions(endpoint, agent)), agent);
    } catch (error) {
      // docker-modem reads DOCKER_HOST and DOCKER_CERT_PATH whatever it is given.
      throw new SwitchboardError('SWB_NO_ENGINE', `DOCKER_HOST or DOCKER_CERT_PATH: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  /** Prefixes all further paths. */
  useVersion(version: string): void {
    this.#prefix = `/v${version}`;
  }

  /**
   * Reads the whole answer here and not in docker-modem, which never calls back if the connection breaks within an answer.
   *
   * @returns the parsed answer, or undefined for an empty one
   */
  async json(request: EngineRequest): Promise<unknown> {
    const stream = await this.stream(request);
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of stream) chunks.push(Buffer.from(chunk));
    } catch (error) {
      throw this.#explain(request, error);
    }
    return parseJson(Buffer.concat(chunks).toString('utf8'));
  }

  /** Resolves at the headers of the answer. */
  async stream(request: EngineRequest): Promise<Readable> {
    const stream = await this.#dial(request);
    // Who reads the stream sees its error; who has stopped reading must not be ended by it.
    stream.on('error', () => {});
    return stream;
  }

  /** Closes idle connections that this client alone uses. */
  close(): void {
    this.#agent?.destroy();
  }

  async #dial(request: EngineRequest): Promise<Readable> {
    try {
      return await this.#attempt(request);
    } catch (error) {
      // An idle connection that the engine has just closed; GET may be repeated.
      if (request.method !== 'GET' || systemCodeOf(error) !== 'ECONNRESET') throw this.#explain(request, error);
    }
    try {
      return await this.#attempt(request);
    } catch (error) {
      throw this.#explain(request, error);
    }
  }

  #attempt(request: EngineRequest): Promise<Readable> {
    const { signal } = request;
    signal?.throwIfAborted();
    return new Promise((resolve, reject) => {
      this.#modem.dial(this.#dialOptions(request), (error, value) => {
        if (value instanceof Readable) resolve(value);
        else reject(signal?.aborted ? signal.reason : (error ?? new TypeError('docker-modem returned no stream')));
      });
    });
  }

  #dialOptions(request: EngineRequest): DockerModem.DialOptions {
    const { method, path, query = {}, body, archive, registryAuth, signal, prefix = this.#prefix } = request;
    const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== false);
    return {
      path: `${prefix}${path}${given.length === 0 ? '' : '?'}`,
      method,
      isStream: true,
      statusCodes: SUCCESS,
      // Apart from each other: otherwise docker-modem repeats the body, with all variables, in the URL.
      options: { _query: Object.fromEntries(given), _body: body ?? {} },
      ...(archive !== undefined && { file: archive }),
      ...(registryAuth !== undefined && { authconfig: { base64: registryAuth } }),
      ...(signal !== undefined && { abortSignal: signal }),
    };
  }

  #explain(request: EngineRequest, error: unknown): unknown {
    if (request.signal?.aborted) return request.signal.reason;
    const status = isRecord(error) && 'statusCode' in error ? error.statusCode : undefined;
    if (typeof status === 'number') return refused(request.doing, status, reasonOf(error));
    return unanswered(request.doing, endpointText(this.endpoint), error);
  }
}

/** The engine's own words, out of docker-modem's `(HTTP code 404) unexpected - words`. */
function reasonOf(error: unknown): string {
  return messageOf(error)
    .replace(/^\(HTTP code \d+\) \S+ - /, '')
    .trim();
}

function modemOptions(endpoint: EngineEndpoint, agent: SshAgent | undefined): DockerModem.ConstructorOptions {
  // All are named, since docker-modem takes what is missing from DOCKER_HOST, which may be another engine.
  const none = {
    socketPath: undefined,
    host: undefined,
    port: undefined,
    ca: undefined,
    cert: undefined,
    key: undefined,
    timeout: undefined,
    protocol: 'http',
  } as const;
  switch (endpoint.kind) {
    case 'socket':
      return { ...none, socketPath: endpoint.path };
    case 'ssh':
      return { ...none, host: 'http://docker', ...(agent !== undefined && { agent }) };
    case 'tcp': {
      const { host, port, tls } = endpoint;
      const name = host.includes(':') ? `[${host}]` : host;
      if (tls === undefined) return { ...none, host: `http://${name}`, port };
      const { ca, cert, key, skipVerify } = tls;
      const agent = new Agent({ keepAlive: true, rejectUnauthorized: !skipVerify });
      return { ...none, protocol: 'https', host: `https://${name}`, port, ca, cert, key, agent };
    }
  }
}
