import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type ContainerMount,
  containerLabels,
  containerName,
  type Engine,
  isEngineGone,
  type ObjectOwner,
} from '../engine/index.ts';
import { type Container, keyOf, type Pod } from '../kube/index.ts';
import {
  type ContainerConfig,
  hostsFile,
  type Mount,
  nameFiles,
  PodAddresses,
  type PodNetwork,
  type PodPlace,
  type ProgramEvents,
  type RunningProgram,
  type Runtime,
  runtimeOf,
} from '../pods/index.ts';
import type { ContainerImages } from './images.ts';
import type { ContainerNetworkPlace } from './network.ts';
import type { Preparation } from './prepare-volumes.ts';
import { startProgram } from './program.ts';
import { SANDBOX, Sandbox, VOLUMES } from './sandbox.ts';
import type { Allowed } from './security.ts';
import { containerSpec } from './spec.ts';
import { checkLocal, PodFiles } from './storage.ts';

export interface EnginePodsOptions {
  readonly engine: Engine;
  readonly owner: ObjectOwner;
  readonly network: ContainerNetworkPlace;
  readonly images: ContainerImages;
  readonly clusterDomain: string;
  readonly allowed: Allowed;
  /** For the files of pods: a folder of this machine that the engine can mount. */
  readonly folder: string;
  /** The pid by which the user knows this instance. */
  readonly instance: number;
  readonly onNotice: (text: string) => void;
}

/** Pods as containers of an engine. */
export class EnginePods implements PodNetwork {
  /** Containers outlive this process; the next start removes what a killed one has left. */
  readonly endsAll = false;
  readonly #options: EnginePodsOptions;
  readonly #addresses: PodAddresses;
  /** Warnings of the engine that were reported. */
  readonly #warned = new Set<string>();

  constructor(options: EnginePodsOptions) {
    this.#options = options;
    this.#addresses = new PodAddresses(options.network.pods);
  }

  runtimeOf(pod: Pod): Runtime | undefined {
    return runtimeOf(pod, { mode: 'engine', engine: true });
  }

  place(pod: Pod): PodPlace {
    const key = keyOf(pod.meta);
    const { network } = this.#options;
    const ip = this.#addresses.take(key);
    const own = new EnginePod(pod, ip, this.#options, warning => this.#warn(warning));
    const { reach } = network;
    return {
      ip,
      hostIP: network.gateway,
      storage: own.storage,
      programs: { kind: 'containers', start: (container, config, events) => own.start(container, config, events) },
      ...(reach === undefined ? {} : { reach: port => reach({ address: ip, port }) }),
      open: () => own.open(),
      close: async () => {
        await own.close();
        this.#addresses.release(key);
      },
    };
  }

  #warn(warning: string): void {
    if (this.#warned.has(warning)) return;
    this.#warned.add(warning);
    this.#options.onNotice(`the container engine warns: ${warning}`);
  }
}

/** One pod: its sandbox, which is made for the first container, and its containers. */
class EnginePod {
  readonly #pod: Pod;
  readonly #ip: string;
  readonly #options: EnginePodsOptions;
  readonly #onWarning: (warning: string) => void;
  readonly #folder: string;
  readonly #files: PodFiles;
  #nameFiles: readonly Mount[] = [];
  #sandbox: Promise<Sandbox> | undefined;
  readonly #attempts = new Map<string, number>();
  /** Containers that are being removed. */
  readonly #closing = new Set<Promise<void>>();

  constructor(pod: Pod, ip: string, options: EnginePodsOptions, onWarning: (warning: string) => void) {
    this.#pod = pod;
    this.#ip = ip;
    this.#options = options;
    this.#onWarning = onWarning;
    const { namespace, name } = pod.meta;
    const { engine, owner, folder, instance } = options;
    this.#folder = join(folder, `${namespace}_${name}`);
    this.#files = new PodFiles({
      ...{ engine, owner, namespace, instance },
      pod: name,
      folder: join(this.#folder, 'volumes'),
    });
  }

  get storage() {
    return this.#files.storage;
  }

  /** @throws SWB_POD_CONFIG */
  async open(): Promise<void> {
    const { engine, network, clusterDomain } = this.#options;
    checkLocal(engine.endpoint);
    const { namespace } = this.#pod.meta;
    const folder = join(this.#folder, 'etc');
    // Containers of other users read them; the folder above is closed to others of this machine.
    await mkdir(folder, { recursive: true, mode: 0o755 });
    const { resolvConf } = nameFiles(network.gateway, { namespace, domain: clusterDomain }, undefined);
    const files = { hosts: hostsFile(this.#pod, this.#ip, clusterDomain), 'resolv.conf': resolvConf };
    const mounts: Mount[] = [];
    for (const [name, text] of Object.entries(files)) {
      await writeFile(join(folder, name), text, { mode: 0o644 });
      mounts.push({ from: join(folder, name), to: `/etc/${name}`, readOnly: false, extensible: false });
    }
    this.#nameFiles = mounts;
  }

  async start(container: Container, config: ContainerConfig, events: ProgramEvents): Promise<RunningProgram> {
    const { engine, images, owner, allowed } = this.#options;
    const { onProgress, signal } = events;
    const image = await images.ensure({ container, secrets: config.pullSecrets, onProgress, signal });
    const sandbox = await this.#ready();
    const mounts = await this.#mounts(sandbox, config.mounts);
    signal.throwIfAborted();
    const { namespace, name: pod, uid = '' } = this.#pod.meta;
    const attempt = this.#attempts.get(container.name) ?? 0;
    this.#attempts.set(container.name, attempt + 1);
    const role = { namespace, pod, uid, container: container.name, attempt, spec: '' };
    const name = containerName(owner.session, role);
    const labels = containerLabels(owner, role);
    const inputs = { name, labels, pod: this.#pod, container, config, image, sandbox: sandbox.id, mounts, allowed };
    const { id, warnings } = await engine.containers.create(containerSpec(inputs));
    for (const warning of warnings) this.#onWarning(warning);
    const program = await startProgram({ engine, id, onLine: events.onLine }).catch(async error => {
      await engine.containers.remove(id).catch(() => undefined);
      throw error;
    });
    return {
      ...program,
      get running() {
        return program.running;
      },
      close: () => {
        const closing = program.close();
        this.#closing.add(closing);
        void closing.then(() => this.#closing.delete(closing));
        return closing;
      },
    };
  }

  async close(): Promise<void> {
    // Podman 4.3 waits for ever if it is to remove a container and the one whose network that has joined at the same time.
    await Promise.all(this.#closing);
    const sandbox = await this.#sandbox?.catch(() => undefined);
    await sandbox?.close().catch(error => {
      if (!isEngineGone(error)) throw error;
    });
    await this.#files.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** The sandbox; a new one if the last one has ended, for example with the engine. */
  async #ready(): Promise<Sandbox> {
    const known = await this.#sandbox?.catch(() => undefined);
    if (known !== undefined && (await known.isRunning())) return known;
    await known?.close();
    this.#sandbox = this.#open();
    return this.#sandbox;
  }

  async #open(): Promise<Sandbox> {
    const { engine, network, owner } = this.#options;
    const { namespace, name: pod, uid = '' } = this.#pod.meta;
    const role = { namespace, pod, uid, container: SANDBOX, attempt: 0, spec: '' };
    const { volumes } = this.#files;
    const sandbox = await Sandbox.open({
      ...{ engine, pod: this.#pod, ip: this.#ip, network, volumes },
      name: containerName(owner.session, role),
      labels: containerLabels(owner, role),
    });
    const group = this.#pod.spec.run?.securityContext.fsGroup;
    const prepare = (volume: string): Preparation => ({
      path: `${VOLUMES}/${volume}`,
      mode: 0o777,
      ...(group === undefined ? {} : { group }),
    });
    await sandbox.prepare(volumes.map(prepare));
    return sandbox;
  }

  /** What the engine mounts. A part of a volume is mounted from where the engine keeps it, since older ones know no other way. */
  async #mounts(sandbox: Sandbox, mounts: readonly Mount[]): Promise<ContainerMount[]> {
    const { engine } = this.#options;
    const own = new Set(mounts.map(({ to }) => to));
    const all = [...this.#nameFiles.filter(({ to }) => !own.has(to)), ...mounts];
    const parts = mounts.flatMap(({ volume, from }) =>
      volume === undefined || from === '' ? [] : [{ path: `${VOLUMES}/${volume}/${from}` }],
    );
    await sandbox.prepare(parts);
    return Promise.all(
      all.map(async ({ volume, from, to: target, readOnly }): Promise<ContainerMount> => {
        if (volume === undefined) return { kind: 'bind', source: from, target, readOnly };
        if (from === '') return { kind: 'volume', volume, target, readOnly };
        const found = await engine.volumes.inspect(volume);
        return { kind: 'bind', source: join(found?.mountpoint ?? '', from), target, readOnly };
      }),
    );
  }
}
