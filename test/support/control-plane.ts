/**
 * A real Kubernetes control plane on loopback for tests, started with the script that stands beside the project:
 * etcd, kube-apiserver, and kube-controller-manager where controllers are asked for.
 *
 * @module
 */
import { execFile, spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { Agent, request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { commandsMissing } from './commands.ts';

const run = promisify(execFile);

/** SWITCHBOARD_CONTROL_PLANE names another one. */
const SCRIPT =
  process.env.SWITCHBOARD_CONTROL_PLANE ?? resolve(import.meta.dirname, '../../../shared/control-plane/control-plane');

const START_TIMEOUT_MS = 110_000;
const STOP_TIMEOUT_MS = 60_000;
const CONNECTIONS = 16;

export interface ControlPlaneOptions {
  /** Runs the EndpointSlice controllers as well. */
  readonly controllers?: boolean;
  /** One range, or two of different families with a comma between. */
  readonly serviceCidr?: string;
}

export interface ApiResponse {
  readonly status: number;
  readonly json: unknown;
}

export interface ControlPlane extends AsyncDisposable {
  /** The path of an administrator's kubeconfig. */
  readonly kubeconfig: string;
  /** The directory of its data and logs; gone after `stop`. */
  readonly directory: string;
  request(method: string, path: string, body?: unknown): Promise<ApiResponse>;
  stop(): Promise<void>;
}

/**
 * Why a test that needs a control plane has to be skipped.
 *
 * @returns undefined if it can run
 * @throws if it cannot and SWITCHBOARD_REQUIRE_KERNEL=1 forbids to skip
 */
export function controlPlaneMissing(): string | undefined {
  const reason = missingReason();
  if (reason !== undefined && process.env.SWITCHBOARD_REQUIRE_KERNEL === '1') {
    throw new Error(`SWITCHBOARD_REQUIRE_KERNEL=1 forbids to skip: ${reason}`);
  }
  return reason;
}

function missingReason(): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'the control plane is built for linux/amd64';
  try {
    accessSync(SCRIPT, constants.X_OK);
    return commandsMissing('curl', 'openssl', 'python3');
  } catch {
    return 'no control plane stands beside the project; SWITCHBOARD_CONTROL_PLANE may name one';
  }
}

/** Starts one in a temporary directory of its own, and stops what it started if the start fails. */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const directory = await mkdtemp(join(tmpdir(), 'switchboard-control-plane-'));
  // A test run that ends without its hooks (a crash, a time limit) must not leave the processes behind.
  const onExit = (): void => {
    spawnSync(SCRIPT, ['down', directory], { timeout: STOP_TIMEOUT_MS });
  };
  process.once('exit', onExit);
  const stopProcesses = async (): Promise<void> => {
    process.off('exit', onExit);
    await run(SCRIPT, ['down', directory], { timeout: STOP_TIMEOUT_MS });
    await rm(directory, { recursive: true, force: true });
  };
  try {
    const args = ['up', directory];
    if (options.controllers === true) args.push('--controllers');
    if (options.serviceCidr !== undefined) args.push('--service-cidr', options.serviceCidr);
    await run(SCRIPT, args, { timeout: START_TIMEOUT_MS });
    return await connect(directory, stopProcesses);
  } catch (error) {
    await stopProcesses();
    throw error;
  }
}

async function connect(directory: string, stopProcesses: () => Promise<void>): Promise<ControlPlane> {
  const kubeconfig = join(directory, 'kubeconfig');
  const server = /server: "([^"]+)"/.exec(await readFile(kubeconfig, 'utf8'))?.[1];
  if (server === undefined) throw new Error(`no server in ${kubeconfig}`);
  const token = (await readFile(join(directory, 'token'), 'utf8')).trim();
  const ca = readFileSync(join(directory, 'certs', 'ca.crt'));
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS, ca });
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= Promise.resolve(agent.destroy()).then(stopProcesses);
    return stopping;
  };
  return {
    kubeconfig,
    directory,
    request: (method, path, body) => send(new URL(path, server), { method, agent, token, body }),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

interface Sending {
  readonly method: string;
  readonly agent: Agent;
  readonly token: string;
  readonly body: unknown;
}

function send(url: URL, { method, agent, token, body }: Sending): Promise<ApiResponse> {
  const contentType = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
  const headers = { authorization: `Bearer ${token}`, 'content-type': contentType };
  return new Promise((resolvePromise, reject) => {
    const request = httpsRequest(url, { method, agent, headers }, response => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        try {
          const json: unknown = text === '' ? undefined : JSON.parse(text);
          resolvePromise({ status: response.statusCode ?? 0, json });
        } catch (error) {
          reject(
            new Error(`the API server answered ${response.statusCode} without JSON: ${text.slice(0, 200)}`, {
              cause: error,
            }),
          );
        }
      });
    });
    request.on('error', reject);
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
