import type { ContainerMount, Engine } from '../engine/index.ts';
import { SwitchboardError } from '../errors.ts';
import type { Pod } from '../kube/index.ts';
import { hostnameOf } from '../pods/index.ts';
import type { ContainerNetworkPlace } from './network.ts';
import { PREPARE, type Preparation } from './prepare-volumes.ts';

/** The name of a pod's sandbox among its containers. */
export const SANDBOX = 'pod';
/** Where the sandbox sees the volumes of its pod. */
export const VOLUMES = '/volumes';

export interface SandboxOptions {
  readonly engine: Engine;
  readonly pod: Pod;
  readonly ip: string;
  readonly network: ContainerNetworkPlace;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The engine's volumes that the pod's containers mount. */
  readonly volumes: readonly string[];
}

/** The container that holds a pod's network, host name and volumes, so that they outlive its other containers. */
export class Sandbox {
  readonly id: string;
  readonly #engine: Engine;
  readonly #node: string;

  private constructor(id: string, engine: Engine, node: string) {
    this.id = id;
    this.#engine = engine;
    this.#node = node;
  }

  /** @throws SWB_ENGINE */
  static async open({ engine, pod, ip, network, name, labels, volumes }: SandboxOptions): Promise<Sandbox> {
    const sysctls = pod.spec.run?.securityContext.sysctls ?? [];
    const { id } = await engine.containers.create({
      name,
      labels,
      image: network.image.reference,
      entrypoint: [network.image.sleep, 'infinity'],
      cmd: [],
      // It has nothing to save.
      stopSignal: 'SIGKILL',
      network: {
        kind: 'member',
        network: network.name,
        ipv4: ip,
        hostname: hostnameOf(pod),
        // Ports below 1024 and ping work without rights, as with containerd.
        sysctls: {
          'net.ipv4.ip_unprivileged_port_start': '0',
          ...Object.fromEntries(sysctls.map(({ name: key, value }) => [key, value])),
        },
      },
      ipc: { kind: 'shareable' },
      mounts: volumes.map((volume): ContainerMount => ({ kind: 'volume', volume, target: `${VOLUMES}/${volume}` })),
    });
    const sandbox = new Sandbox(id, engine, network.image.node);
    try {
      await engine.containers.start(id);
    } catch (error) {
      await sandbox.close();
      throw error;
    }
    return sandbox;
  }

  /** Makes folders in volumes, and gives them owners and modes. @throws SWB_POD_CONFIG */
  async prepare(preparations: readonly Preparation[]): Promise<void> {
    if (preparations.length === 0) return;
    const command = [this.#node, '-e', PREPARE, JSON.stringify(preparations)];
    const result = await this.#engine.containers.exec(this.id, { command, user: '0:0' });
    if (result.kind === 'exited' && result.exitCode === 0) return;
    const said = result.output.toString().trim();
    throw new SwitchboardError('SWB_POD_CONFIG', `CreateContainerConfigError: cannot prepare the volumes: ${said}`);
  }

  /** Whether it still runs: an engine that was restarted has stopped it. */
  async isRunning(): Promise<boolean> {
    return (await this.#engine.containers.inspect(this.id))?.state.kind === 'running';
  }

  async close(): Promise<void> {
    await this.#engine.containers.remove(this.id);
  }
}
