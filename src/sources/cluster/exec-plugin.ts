/**
 * Runs the credential plugin that a kubeconfig names (client.authentication.k8s.io; Kubernetes documentation,
 * "client-go credential plugins") and caches its output until it expires.
 *
 * @module
 */
import { parseJson } from '../../data/index.ts';
import { systemCodeOf } from '../../errors.ts';
import { faultOf, headerFault, pluginTlsFault } from './identity-faults.ts';
import type { Cluster, ExecConfig } from './kubeconfig-file.ts';
import { runPlugin } from './plugin-process.ts';
import { TypedFields } from './typed-fields.ts';

export interface ExecCredential {
  readonly token?: string | undefined;
  /** PEM */
  readonly cert?: string | undefined;
  /** PEM */
  readonly key?: string | undefined;
}

interface CachedCredential {
  readonly credential: ExecCredential;
  /** Milliseconds since the epoch; undefined: never. */
  readonly expires: number | undefined;
}

export interface PluginOptions {
  /** Ends the plugin. */
  readonly signal?: AbortSignal | undefined;
  /** Called with the plugin's name if it takes long. */
  readonly onWaiting?: ((what: string) => void) | undefined;
}

/** A plugin that calls a server takes a second or two; one that waits for a person takes longer. */
const REPORT_AFTER_MS = 5_000;
const MAX_REASON = 300;
/** Far more than certificates need. */
const MAX_OUTPUT_BYTES = 1 << 20;

export class ExecPlugin {
  readonly #config: ExecConfig;
  readonly #cluster: Cluster;
  #cached: CachedCredential | undefined;

  constructor(config: ExecConfig, cluster: Cluster) {
    this.#config = config;
    this.#cluster = cluster;
  }

  /** @throws Error if the program cannot be started, fails, or prints no credentials that a request can carry */
  async credential({ signal, onWaiting }: PluginOptions = {}): Promise<ExecCredential> {
    const { expires } = this.#cached ?? {};
    if (this.#cached === undefined || (expires !== undefined && expires <= Date.now())) {
      const waiting = setTimeout(() => onWaiting?.(this.#name), REPORT_AFTER_MS).unref();
      try {
        this.#cached = await this.#run(signal);
      } finally {
        clearTimeout(waiting);
      }
    }
    return this.#cached.credential;
  }

  get #name(): string {
    return `the exec plugin ${this.#config.command}`;
  }

  async #run(signal: AbortSignal | undefined): Promise<CachedCredential> {
    const output = await this.#output(signal);
    const status = new TypedFields(parseJson(output), `the output of ${this.#name}`).below('status');
    const token = status.text('token');
    const cert = status.text('clientCertificateData');
    const key = status.text('clientKeyData');
    if (token === undefined && cert === undefined) {
      throw new Error(`${this.#name} printed no ExecCredential with a token or a certificate`);
    }
    const fault =
      (token === undefined ? undefined : faultOf('status.token', headerFault(token))) ?? pluginTlsFault(cert, key);
    if (fault !== undefined) throw new Error(`the output of ${this.#name}, ${fault}`);
    const expires = Date.parse(status.text('expirationTimestamp') ?? '');
    return { credential: { token, cert, key }, expires: Number.isNaN(expires) ? undefined : expires };
  }

  /** Its errors name the program and how it ended, never its arguments, which may be secrets. */
  async #output(signal: AbortSignal | undefined): Promise<string> {
    const { command, args, env, installHint } = this.#config;
    const added = Object.fromEntries(env.map(({ name, value }) => [name, value]));
    const call = {
      command,
      args,
      env: { ...process.env, ...added, KUBERNETES_EXEC_INFO: this.#info() },
      signal,
      maxBytes: MAX_OUTPUT_BYTES,
    };
    const result = await runPlugin(call).catch((error: unknown) => {
      const code = systemCodeOf(error);
      if (signal?.aborted || code === undefined) throw error;
      if (code !== 'ENOENT') throw new Error(`${this.#name} cannot be started: ${code}`);
      const hint = installHint === undefined ? '' : `: ${installHint.trim()}`;
      throw new Error(`${this.#name} is not installed${hint}`);
    });
    if (result.tooLong) throw new Error(`${this.#name} printed more than ${MAX_OUTPUT_BYTES} characters`);
    if (result.code === 0) return result.stdout;
    const how = result.code === null ? `was ended by ${result.signal}` : `failed with exit code ${result.code}`;
    const last =
      result.stderr
        .trim()
        .split(/\s*[\r\n]+\s*/)
        .at(-1) ?? '';
    throw new Error(`${this.#name} ${how}${last === '' ? '' : `: ${last.slice(0, MAX_REASON)}`}`);
  }

  /** The plugin's request, with the cluster if the kubeconfig says `provideClusterInfo`. */
  #info(): string {
    const { apiVersion, provideClusterInfo } = this.#config;
    const cluster = provideClusterInfo ? { cluster: clusterInfo(this.#cluster) } : {};
    return JSON.stringify({ apiVersion, kind: 'ExecCredential', spec: { ...cluster, interactive: false } });
  }
}

function clusterInfo({ server, caData, tlsServerName, skipTLSVerify, proxyUrl }: Cluster) {
  return {
    server,
    ...(tlsServerName ? { 'tls-server-name': tlsServerName } : {}),
    ...(skipTLSVerify ? { 'insecure-skip-tls-verify': true } : {}),
    ...(caData ? { 'certificate-authority-data': caData } : {}),
    ...(proxyUrl ? { 'proxy-url': proxyUrl } : {}),
  };
}
