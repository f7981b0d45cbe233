import { randomUUID } from 'node:crypto';
import { messageOf } from '../errors.ts';
import type { ConfigMap, Container, Pod, PodCondition, PodPhase } from '../kube/index.ts';
import { ContainerRunner } from './container-runner.ts';
import { containerEnvironment } from './environment.ts';
import type { PodPlace } from './network.ts';
import type { OrphanGuard } from './orphan-guard.ts';

/**
 * The delay between "terminating" and SIGTERM, in which connections that are on their way still reach the server.
 * Clusters need a preStop sleep for that; here routes change within milliseconds.
 */
const HANDOVER_MS = 100;

export interface PodRunOptions {
  readonly place: PodPlace;
  /** The base of a relative workingDir, and the working directory of containers without one. */
  readonly directory: string;
  readonly serviceVariables: Readonly<Record<string, string>>;
  readonly configMap: (namespace: string, name: string) => ConfigMap | undefined;
  readonly guard: OrphanGuard;
  readonly servicePorts: () => readonly number[];
  /** Called when the pod's status changes. */
  readonly onStatus: () => void;
  readonly onLine: (pod: Pod, container: string, line: string) => void;
  readonly onNotice: (pod: Pod, container: string, text: string) => void;
  readonly resolvePath: (directory: string, path: string) => string;
}

/** Runs a pod as processes: init containers in order, then all others. Reports its status as the kubelet would. */
export class PodRun {
  #pod: Pod;
  readonly #options: PodRunOptions;
  readonly #uid = randomUUID();
  readonly #startedAt = new Date().toISOString();
  #sidecars: ContainerRunner[] = [];
  #containers: ContainerRunner[] = [];
  #init: ContainerRunner | undefined;
  #deletedAt: string | undefined;
  #broken: string | undefined;
  #stopping: Promise<void> | undefined;

  constructor(pod: Pod, options: PodRunOptions) {
    this.#pod = pod;
    this.#options = options;
  }

  get terminating(): boolean {
    return this.#deletedAt !== undefined;
  }

  get ready(): boolean {
    return this.#whyNotReady() === undefined;
  }

  get spec(): Pod['spec'] {
    return this.#pod.spec;
  }

  get owner(): string | undefined {
    const owner = this.#pod.meta.owners.find(candidate => candidate.controller);
    return owner && `${owner.kind} ${this.#pod.meta.namespace}/${owner.name}`;
  }

  /** Labels and annotations may change while a pod runs; any other change replaces it. */
  rename(pod: Pod): void {
    this.#pod = { ...pod, spec: this.#pod.spec };
  }

  /** The pod with its status. */
  get current(): Pod {
    const why = this.#whyNotReady();
    const ready: PodCondition =
      why === undefined
        ? { type: 'Ready', status: 'True' }
        : { type: 'Ready', status: 'False', reason: 'ContainersNotReady', message: why };
    return {
      ...this.#pod,
      meta: {
        ...this.#pod.meta,
        uid: this.#uid,
        creationTimestamp: this.#startedAt,
        ...(this.#deletedAt === undefined ? {} : { deletionTimestamp: this.#deletedAt }),
      },
      status: {
        phase: this.#phase(),
        podIPs: [this.#options.place.ip],
        conditions: [...this.#pod.status.conditions.filter(c => c.type !== 'Ready'), ready],
      },
    };
  }

  /** Reports the pod as terminating, so that it gets no new traffic, and stops it a moment later. */
  async retire(): Promise<void> {
    const handsOver = this.ready;
    this.#deletedAt ??= new Date().toISOString();
    this.#options.onStatus();
    if (handsOver) await new Promise(resolve => setTimeout(resolve, HANDOVER_MS));
    await this.stop();
  }

  /** Sends SIGTERM to all containers, and SIGKILL after the grace period; resolves when all have ended. */
  stop(graceSeconds = this.#pod.spec.terminationGracePeriodSeconds): Promise<void> {
    if (this.#deletedAt === undefined) {
      this.#deletedAt = new Date().toISOString();
      this.#options.onStatus();
    }
    const all = [...this.#containers, ...this.#sidecars, ...(this.#init === undefined ? [] : [this.#init])];
    this.#stopping = Promise.all(all.map(container => container.stop(graceSeconds * 1000))).then(() => undefined);
    return this.#stopping;
  }

  /** Starts the containers, init containers first, one after the other. Never rejects: failures are in the status. */
  async start(): Promise<void> {
    try {
      await this.#options.place.open();
      if (this.terminating) return;
      for (const container of this.#pod.spec.initContainers) {
        if (container.restartPolicy === 'Always') this.#sidecars.push(this.#run(container, 'Always'));
        else if (!(await this.#runInit(container))) return;
        if (this.terminating) return;
      }
      this.#containers = this.#pod.spec.containers.map(container => this.#run(container, this.#pod.spec.restartPolicy));
    } catch (error) {
      this.#broken = messageOf(error);
      this.#options.onNotice(this.#pod, '', this.#broken);
    }
    this.#options.onStatus();
  }

  /** Runs an init container until it succeeds once. @returns false if the pod ends before */
  async #runInit(container: Container): Promise<boolean> {
    const policy = this.#pod.spec.restartPolicy === 'Never' ? 'Never' : 'OnFailure';
    return new Promise(resolve => {
      // The first change arrives in the runner's constructor, when `#init` is still the previous one.
      let runner: ContainerRunner | undefined;
      runner = this.#run(container, policy, () => {
        if (runner?.phase === 'ended') resolve(runner.exitCode === 0 && !this.terminating);
      });
      this.#init = runner;
    });
  }

  #run(container: Container, restartPolicy: 'Always' | 'OnFailure' | 'Never', onChange?: () => void): ContainerRunner {
    const { place, directory, serviceVariables, configMap, guard } = this.#options;
    const inputs = { pod: this.#pod, place, uid: this.#uid, serviceVariables, configMap };
    const env = containerEnvironment(container, inputs);
    return new ContainerRunner(container, {
      env,
      cwd: container.workingDir === undefined ? directory : this.#options.resolvePath(directory, container.workingDir),
      guard,
      servicePorts: this.#options.servicePorts,
      place,
      restartPolicy,
      graceMs: this.#pod.spec.terminationGracePeriodSeconds * 1000,
      onLine: line => this.#options.onLine(this.#pod, container.name, line),
      onNotice: text => this.#options.onNotice(this.#pod, container.name, text),
      onChange: () => {
        onChange?.();
        this.#options.onStatus();
      },
    });
  }

  #phase(): PodPhase {
    const { restartPolicy } = this.#pod.spec;
    if (this.#init?.phase === 'ended' && this.#init.exitCode !== 0 && restartPolicy === 'Never') return 'Failed';
    if (this.#containers.length === 0) return 'Pending';
    if (restartPolicy === 'Always' || !this.#containers.every(c => c.phase === 'ended')) return 'Running';
    return this.#containers.every(c => c.exitCode === 0) ? 'Succeeded' : 'Failed';
  }

  #whyNotReady(): string | undefined {
    if (this.#broken !== undefined) return this.#broken;
    if (this.#containers.length === 0) {
      return this.#init === undefined
        ? 'is starting'
        : `init container ${this.#init.container.name}: ${this.#init.why}`;
    }
    const unready = [...this.#containers, ...this.#sidecars].find(container => !container.ready);
    if (unready !== undefined) {
      const single = this.#containers.length + this.#sidecars.length === 1;
      return single ? unready.why : `container ${unready.container.name}: ${unready.why}`;
    }
    // The kubelet includes readiness gates in Ready; their controllers write conditions into the pod's status.
    const { conditions } = this.#pod.status;
    const gate = this.#pod.spec.readinessGates.find(
      type => !conditions.some(condition => condition.type === type && condition.status === 'True'),
    );
    return gate === undefined ? undefined : `the readiness gate "${gate}" is not True in status.conditions`;
  }
}
