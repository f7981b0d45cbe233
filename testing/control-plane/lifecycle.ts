/**
 * Starts, restarts and ends a control plane: etcd, kube-apiserver and, if asked for, the EndpointSlice controllers.
 *
 * @module
 */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ApiClient } from './api-client.ts';
import {
  apiServerCommand,
  type ControlPlaneSettings,
  controllerManagerCommand,
  etcdCommand,
  FILES,
  type Ports,
} from './commands.ts';
import { isRunning, kill, lastOutput, type ProcessRecord, startProcess, terminate } from './processes.ts';
import { type ControlPlaneState, hasState, readState, writeState } from './state.ts';
import { type KubernetesVersion, selectedVersion } from './versions.ts';

const READY_MS = 60_000;
const POLL_MS = 50;
/** Free ports are found before they are used, and another process may take one in between. */
const MAX_ATTEMPTS = 3;
const DEFAULT_SERVICE_CIDR = '10.96.0.0/12';

export interface ControlPlaneOptions {
  /** Default: the version that judges this run. */
  readonly version?: KubernetesVersion;
  /** Runs the EndpointSlice controllers as well. */
  readonly controllers?: boolean;
  /** One range, or two of different families with a comma between. */
  readonly serviceCidr?: string;
}

/**
 * Starts a control plane whose files are in `directory`, and waits until it is ready.
 *
 * @throws if one runs there already, or if it does not become ready; nothing of it runs then
 */
export async function up(directory: string, options: ControlPlaneOptions = {}): Promise<ControlPlaneState> {
  if (hasState(directory) && readState(directory).processes.some(isRunning)) {
    throw new Error(`a control plane already runs in ${directory}; to end it: down ${directory}`);
  }
  await mkdir(directory, { recursive: true });
  const token = await writeCredentials(directory);
  for (let attempt = 1; ; attempt++) {
    const settings: ControlPlaneSettings = {
      version: options.version ?? selectedVersion(),
      ports: await freePorts(),
      serviceCidr: options.serviceCidr ?? DEFAULT_SERVICE_CIDR,
      controllers: options.controllers ?? false,
    };
    const processes: ProcessRecord[] = [];
    try {
      processes.push(startProcess(directory, 'etcd', etcdCommand(directory, settings)));
      processes.push(startProcess(directory, 'kube-apiserver', apiServerCommand(directory, settings)));
      await writeState(directory, { settings, processes });
      await ready(directory, settings.ports.apiServer, processes);
      await writeFile(
        join(directory, FILES.kubeconfig),
        await kubeconfigText(directory, settings.ports.apiServer, token),
        { mode: 0o600 },
      );
      if (settings.controllers) {
        processes.push(
          startProcess(directory, 'kube-controller-manager', controllerManagerCommand(directory, settings)),
        );
        await writeState(directory, { settings, processes });
      }
      return { settings, processes };
    } catch (error) {
      for (const started of processes) kill(started);
      const portTaken = error instanceof Error && /address already in use/.test(error.message);
      if (!portTaken || attempt === MAX_ATTEMPTS) throw error;
      await rm(join(directory, 'etcd'), { recursive: true, force: true });
    }
  }
}

/** Ends the API server and starts it again on the same port, with the same etcd. */
export async function restartApiServer(directory: string): Promise<void> {
  const { settings, processes } = readState(directory);
  const others = processes.filter(({ name }) => name !== 'kube-apiserver');
  for (const old of processes) if (old.name === 'kube-apiserver') await terminate(old);
  const started = startProcess(directory, 'kube-apiserver', apiServerCommand(directory, settings));
  const now = [...others, started];
  await writeState(directory, { settings, processes: now });
  await ready(directory, settings.ports.apiServer, now);
}

/** Ends what `up` has started. */
export async function down(directory: string): Promise<void> {
  killAll(directory);
  for (const started of readState(directory).processes) while (isRunning(started)) await delay(POLL_MS);
}

/** The same without waiting for the end: it also runs while this process exits. */
export function killAll(directory: string): void {
  // Controllers first, so that they do not log the end of the others.
  for (const started of [...readState(directory).processes].reverse()) kill(started);
}

/** A kubeconfig for the bearer of a token, beside the administrator's own. @returns its path */
export async function writeKubeconfig(directory: string, name: string, token: string): Promise<string> {
  const path = join(directory, `${name}.kubeconfig`);
  const text = await kubeconfigText(directory, readState(directory).settings.ports.apiServer, token);
  await writeFile(path, text, { mode: 0o600 });
  return path;
}

async function ready(directory: string, port: number, processes: readonly ProcessRecord[]): Promise<void> {
  for (const deadline = performance.now() + READY_MS; performance.now() < deadline; await delay(POLL_MS)) {
    for (const started of processes) {
      if (isRunning(started)) continue;
      throw new Error(`${started.name} has ended at its start:\n${lastOutput(directory, started.name)}`);
    }
    if (await isReady(directory, port)) return;
  }
  throw new Error(
    `the API server is not ready after ${READY_MS / 1_000} s:\n${lastOutput(directory, 'kube-apiserver')}`,
  );
}

async function isReady(directory: string, port: number): Promise<boolean> {
  let client: ApiClient | undefined;
  try {
    client = await ApiClient.of(directory, port);
    if ((await client.request('GET', '/readyz')).status !== 200) return false;
    // A controller of the API server creates it a moment later, and a test would see it appear.
    return (await client.request('GET', '/api/v1/namespaces/default/services/kubernetes')).status === 200;
  } catch {
    // Neither the certificate nor the port is there yet, or /readyz answers in words.
    return false;
  } finally {
    client?.close();
  }
}

/** @returns the administrator's token */
async function writeCredentials(directory: string): Promise<string> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const token = randomBytes(16).toString('hex');
  const files: Readonly<Record<string, string>> = {
    [FILES.serviceAccountKey]: privateKey,
    [FILES.serviceAccountPublicKey]: publicKey,
    [FILES.token]: token,
    [FILES.tokens]: `${token},administrator,administrator,system:masters\n`,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text, { mode: 0o600 });
  return token;
}

async function kubeconfigText(directory: string, port: number, token: string): Promise<string> {
  const authority = (await readFile(join(directory, FILES.certificate))).toString('base64');
  const server = `https://127.0.0.1:${port}`;
  return `${JSON.stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'test',
      clusters: [{ name: 'test', cluster: { server, 'certificate-authority-data': authority } }],
      users: [{ name: 'test', user: { token } }],
      contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    },
    undefined,
    2,
  )}\n`;
}

async function freePorts(): Promise<Ports> {
  const servers = await Promise.all(
    Array.from({ length: 3 }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const [etcd = 0, etcdPeers = 0, apiServer = 0] = servers.map(server => portOf(server.address()));
  for (const server of servers) server.close();
  return { etcd, etcdPeers, apiServer };
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0;
}
