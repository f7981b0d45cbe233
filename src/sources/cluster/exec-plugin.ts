/**
 * Runs the credential plugin that a kubeconfig names (client.authentication.k8s.io; Kubernetes documentation,
 * "client-go credential plugins") and caches its output until it expires.
 *
 * @module
 */
import { execFile } from 'node:child_process';
import { parseJson } from '../../data/index.ts';
import { messageOf, systemCodeOf } from '../../errors.ts';
import type { Cluster, ExecConfig } from './kubeconfig-file.ts';
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

  /** @throws Error if the program cannot be started, fails, or prints no credentials */
  async credential(): Promise<ExecCredential> {
    const { expires } = this.#cached ?? {};
    if (this.#cached === undefined || (expires !== undefined && expires <= Date.now()))
      this.#cached = await this.#run();
    return this.#cached.credential;
  }

  async #run(): Promise<CachedCredential> {
    const { command } = this.#config;
    const output = await this.#output();
    const status = new TypedFields(parseJson(output), `the output of the exec plugin ${command}`).below('status');
    const token = status.text('token');
    const cert = status.text('clientCertificateData');
    if (token === undefined && cert === undefined) {
      throw new Error(`the exec plugin ${command} printed no ExecCredential with a token or a certificate`);
    }
    const expires = Date.parse(status.text('expirationTimestamp') ?? '');
    return {
      credential: { token, cert, key: status.text('clientKeyData') },
      expires: Number.isNaN(expires) ? undefined : expires,
    };
  }

  #output(): Promise<string> {
    const { command, args, env, installHint } = this.#config;
    const added = Object.fromEntries(env.map(({ name, value }) => [name, value]));
    const options = {
      env: { ...process.env, ...added, KUBERNETES_EXEC_INFO: this.#info() },
      maxBuffer: MAX_OUTPUT_BYTES,
    };
    return new Promise((resolve, reject) => {
      const child = execFile(command, args, options, (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else if (systemCodeOf(error) === 'ENOENT') {
          const hint = installHint === undefined ? '' : `: ${installHint.trim()}`;
          reject(new Error(`the exec plugin ${command} is not installed${hint}`, { cause: error }));
        } else {
          const reason = stderr.trim() || messageOf(error);
          reject(new Error(`the exec plugin ${command} failed: ${reason}`, { cause: error }));
        }
      });
      // The plugin gets no terminal: `interactive` is false.
      child.stdin?.end();
    });
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
