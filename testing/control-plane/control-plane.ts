import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { forbidSkip } from '../requirements.ts';
import { ApiClient, type ApiResponse } from './api-client.ts';
import { compact, EtcdWriter } from './etcd.ts';
import { judgesMissing } from './judges.ts';
import { type ControlPlaneOptions, down, killAll, restartApiServer, up, writeKubeconfig } from './lifecycle.ts';
import { hasState } from './state.ts';
import { type KubernetesVersion, selectedVersion } from './versions.ts';

/** A control plane of a test or a bench, on loopback, in a temporary directory of its own. */
export interface ControlPlane extends AsyncDisposable {
  readonly version: KubernetesVersion;
  /** The path of an administrator's kubeconfig. */
  readonly kubeconfig: string;
  /** The port of the API server on 127.0.0.1. */
  readonly port: number;
  request(method: string, path: string, body?: unknown): Promise<ApiResponse>;
  /** @returns the path of a kubeconfig for the bearer of a token */
  kubeconfigFor(name: string, token: string): Promise<string>;
  restartApiServer(): Promise<void>;
  /** Makes etcd forget its history: a watch from before gets 410 Gone. */
  compact(): Promise<void>;
  /** Writes objects to etcd directly; see `EtcdWriter`. */
  store(objects: readonly (readonly [key: string, object: unknown])[]): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Why a test that needs a control plane has to be skipped.
 *
 * @returns undefined if it can run
 * @throws if it cannot and skipping is forbidden
 */
export function controlPlaneMissing(): string | undefined {
  return forbidSkip(judgesMissing(selectedVersion()));
}

/** Starts a control plane, and ends what it started if the start fails. */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const directory = await mkdtemp(join(tmpdir(), 'switchboard-control-plane-'));
  // A test run that ends without its hooks (a crash, a time limit) must not leave the processes behind.
  const onExit = (): void => {
    // Nothing is recorded before the first process has started.
    if (hasState(directory)) killAll(directory);
  };
  process.once('exit', onExit);
  try {
    const { settings } = await up(directory, options);
    const { etcd, apiServer } = settings.ports;
    const client = await ApiClient.of(directory, apiServer);
    const writer = new EtcdWriter(etcd);
    let stopped: Promise<void> | undefined;
    const stop = (): Promise<void> => {
      stopped ??= (async () => {
        process.off('exit', onExit);
        writer.close();
        client.close();
        await down(directory);
        await rm(directory, { recursive: true, force: true });
      })();
      return stopped;
    };
    return {
      version: settings.version,
      kubeconfig: join(directory, 'kubeconfig'),
      port: apiServer,
      request: (method, path, body) => client.request(method, path, body),
      kubeconfigFor: (name, token) => writeKubeconfig(directory, name, token),
      restartApiServer: () => restartApiServer(directory),
      compact: () => compact(etcd),
      store: objects => writer.put(objects),
      stop,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    process.off('exit', onExit);
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}
