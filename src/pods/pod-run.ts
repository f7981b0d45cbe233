import { randomUUID } from 'node:crypto';
import { messageOf, SwitchboardError } from '../errors.ts';
import type { Container, Pod, PodPhase } from '../kube/index.ts';
import type { PodObjects } from './config/pod-objects.ts';
import { containerConfig, fieldInputs } from './container-config.ts';
import { ContainerRunner } from './container-runner.ts';
import { unmountedVolumes } from './findings.ts';
import type { PodPlace } from './network.ts';
import { type ContainerState, type PodState, phaseOf, readyCondition, whyNotReady } from './pod-status.ts';
import type { OrphanGuard } from './processes/orphan-guard.ts';
import { processStart } from './processes/start-process.ts';
import type { CommandEvents, StartProgram } from './program.ts';
import { openWhenComplete } from './volumes/open-when-complete.ts';
import { PodVolumes, type VolumesOptions } from './volumes/pod-volumes.ts';

/**
 * The delay between "terminating" and SIGTERM, in which connections that are on their way still reach the server.
 * Clusters need a preStop sleep for that; here routes change within milliseconds.
 */
const HANDOVER_MS = 100;

export interface PodRunOptions extends Pick<VolumesOptions, 'claims' | 'manifestsOf' | 'hostPaths'> {
  readonly place: PodPlace;
  /** The base of a relative workingDir, and the working directory of containers without one. */
  readonly directory: string;
  /** The Services at this moment. */
  readonly serviceVariables: () => Readonly<Record<string, string>>;
  /** Variables of the command line. */
  readonly extra: Readonly<Record<string, string>>;
  readonly objects: PodObjects;
  readonly guard: OrphanGuard;
  readonly servicePorts: () => readonly number[];
  /** Called when the pod's status changes. */
  readonly onStatus: () => void;
  readonly onLine: (pod: Pod, container: string, line: string) => void;
  readonly onNotice: (pod: Pod, container: string, text: string) => void;
}

/** Runs a pod: init containers in order, then all others. Reports its status as the kubelet would. */
export class PodRun {
  /** To be replaced although its spec is still wanted. */
  outdated = false;
  #pod: Pod;
  readonly #options: PodRunOptions;
  readonly #uid = randomUUID();
  readonly #startedAt = new Date().toISOString();
  readonly #volumes: PodVolumes | undefined;
  #sidecars: ContainerRunner[] = [];
  #containers: ContainerRunner[] = [];
  #init: { readonly runner: ContainerRunner; readonly done: number } | undefined;
  #deletedAt: string | undefined;
  #broken: string | undefined = undefined;
  /** Ends a wait for objects. */
  #wake: () => void = () => undefined;
  #isCompleting = false;
  #readySince: number | undefined;

  constructor(pod: Pod, options: PodRunOptions) {
    this.#pod = pod;
    this.#options = options;
    const { storage } = options.place;
    if (storage === undefined) return;
    const { objects, place } = options;
    const inputs = () => ({ ...fieldInputs({ pod: this.#pod, uid: this.#uid, place }), objects });
    this.#volumes = new PodVolumes(pod, { ...options, storage, inputs });
  }

  get terminating(): boolean {
    return this.#deletedAt !== undefined;
  }

  get ready(): boolean {
    return whyNotReady(this.#state()) === undefined;
  }

  /** How long it has been ready. */
  get readyMs(): number {
    return this.#readySince === undefined ? 0 : performance.now() - this.#readySince;
  }

  get phase(): PodPhase {
    return phaseOf(this.#state());
  }

  /** Restarts of all containers. */
  get restarts(): number {
    return this.#runners().reduce((sum, { restarts }) => sum + restarts, 0);
  }

  get spec(): Pod['spec'] {
    return this.#pod.spec;
  }

  get owner(): string | undefined {
    const owner = this.#pod.meta.owners.find(candidate => candidate.controller);
    return owner && `${owner.kind} ${this.#pod.meta.namespace}/${owner.name}`;
  }

  /** Runs a command in a container: the named one, or the first. @returns its exit code. @throws SWB_POD_EXEC */
  async attach(container: string | undefined, command: readonly string[], events: CommandEvents): Promise<number> {
    const all = [...this.#containers, ...this.#sidecars];
    const found = container === undefined ? all[0] : all.find(runner => runner.container.name === container);
    if (found !== undefined) return found.attach(command, events);
    const { name } = this.#pod.meta;
    const why =
      container === undefined ? `no container of ${name} runs yet` : `${name} has no container "${container}"`;
    throw new SwitchboardError('SWB_POD_EXEC', why);
  }

  /** Labels and annotations may change while a pod runs; any other change replaces it. */
  rename(pod: Pod): void {
    this.#pod = { ...pod, spec: this.#pod.spec };
    this.#volumes?.update();
  }

  /** The pod with its status. */
  get current(): Pod {
    const state = this.#state();
    return {
      ...this.#pod,
      meta: {
        ...this.#pod.meta,
        uid: this.#uid,
        creationTimestamp: this.#startedAt,
        ...(this.#deletedAt === undefined ? {} : { deletionTimestamp: this.#deletedAt }),
      },
      status: {
        phase: phaseOf(state),
        podIPs: [this.#options.place.ip],
        conditions: [
          ...this.#pod.status.conditions.filter(c => c.type !== 'Ready'),
          readyCondition(whyNotReady(state)),
        ],
      },
    };
  }

  /** ConfigMaps, Secrets or claims have changed: files follow, and containers that wait for them start. */
  objectsChanged(): void {
    this.#volumes?.update();
    this.#wake();
    for (const runner of this.#runners()) runner.objectsChanged();
  }

  /** Reports the pod as terminating, so that it gets no new traffic, and stops it a moment later. */
  async retire(): Promise<void> {
    const handsOver = this.ready;
    this.#deletedAt ??= new Date().toISOString();
    this.#options.onStatus();
    if (handsOver) await new Promise(resolve => setTimeout(resolve, HANDOVER_MS));
    await this.stop();
  }

  /**
   * Stops all containers, and kills them after the grace period: sidecars after all others, in reverse order. Resolves when
   * all have ended.
   */
  async stop(graceSeconds = this.#pod.spec.terminationGracePeriodSeconds): Promise<void> {
    if (this.#deletedAt === undefined) {
      this.#deletedAt = new Date().toISOString();
      this.#options.onStatus();
    }
    this.#wake();
    const init = this.#init === undefined ? [] : [this.#init.runner];
    const others = Promise.all([...this.#containers, ...init].map(runner => runner.stop(graceSeconds * 1000)));
    await Promise.all([
      others,
      this.#stopSidecars(
        graceSeconds,
        others.then(() => undefined),
      ),
    ]);
  }

  /** Starts the containers, init containers first, one after the other. Never rejects: failures are in the status. */
  async start(): Promise<void> {
    try {
      await this.#options.place.open();
      const unmounted = this.#volumes === undefined ? unmountedVolumes(this.#pod) : undefined;
      if (unmounted !== undefined) this.#options.onNotice(this.#pod, '', unmounted);
      await this.#openVolumes();
      for (const [done, container] of this.#pod.spec.initContainers.entries()) {
        if (this.terminating) return;
        if (container.restartPolicy === 'Always') {
          const sidecar = this.#run(container, 'Always');
          this.#sidecars.push(sidecar);
          this.#init = undefined;
          await sidecar.started;
        } else if (!(await this.#runInit(container, done))) return;
      }
      if (this.terminating) return;
      this.#containers = this.#pod.spec.containers.map(container => this.#run(container, this.#pod.spec.restartPolicy));
    } catch (error) {
      this.#broken = messageOf(error);
      this.#options.onNotice(this.#pod, '', this.#broken);
    }
    this.#options.onStatus();
  }

  /** Waits until all objects that the volumes need exist. */
  async #openVolumes(): Promise<void> {
    const volumes = this.#volumes;
    if (volumes === undefined) return;
    await openWhenComplete(volumes, {
      isOver: () => this.terminating,
      onWake: wake => {
        this.#wake = wake;
      },
      onWhy: why => {
        if (why !== undefined && why !== this.#broken) this.#options.onNotice(this.#pod, '', why);
        this.#broken = why;
        if (why !== undefined) this.#options.onStatus();
      },
    });
  }

  /** Runs an init container until it succeeds once. @returns false if the pod ends before */
  async #runInit(container: Container, done: number): Promise<boolean> {
    const policy = this.#pod.spec.restartPolicy === 'Never' ? 'Never' : 'OnFailure';
    return new Promise(resolve => {
      const runner = this.#run(container, policy, () => {
        if (runner.phase === 'ended') resolve(runner.exitCode === 0 && !this.terminating);
      });
      this.#init = { runner, done };
    });
  }

  #run(container: Container, restartPolicy: 'Always' | 'OnFailure' | 'Never', onChange?: () => void): ContainerRunner {
    const { place, serviceVariables, objects, extra } = this.#options;
    return new ContainerRunner(container, {
      configure: () =>
        containerConfig(container, {
          ...{ pod: this.#pod, uid: this.#uid, place, objects, extra },
          serviceVariables: serviceVariables(),
          volumes: this.#volumes,
        }),
      start: this.#start(),
      servicePorts: this.#options.servicePorts,
      place,
      restartPolicy,
      graceMs: this.#pod.spec.terminationGracePeriodSeconds * 1000,
      onLine: line => this.#options.onLine(this.#pod, container.name, line),
      onNotice: text => this.#options.onNotice(this.#pod, container.name, text),
      onChange: () => {
        onChange?.();
        this.#complete();
        this.#readySince = this.ready ? (this.#readySince ?? performance.now()) : undefined;
        this.#options.onStatus();
      },
    });
  }

  #start(): StartProgram {
    const { place, guard, directory } = this.#options;
    const { programs, claims } = place;
    return programs.kind === 'containers'
      ? programs.start
      : processStart({ view: programs.view, claims, guard, directory });
  }

  /** Sidecars do not keep a pod from completing. */
  #complete(): void {
    if (this.#isCompleting || this.#sidecars.length === 0 || this.#containers.length === 0) return;
    if (!this.#containers.every(({ phase }) => phase === 'ended')) return;
    this.#isCompleting = true;
    void this.#stopSidecars(this.#pod.spec.terminationGracePeriodSeconds, Promise.resolve());
  }

  async #stopSidecars(graceSeconds: number, after: Promise<void>): Promise<void> {
    let turn = after;
    const stopped = this.#sidecars.toReversed().map(sidecar => {
      const own = sidecar.stop(graceSeconds * 1000, turn);
      turn = own;
      return own;
    });
    await Promise.all(stopped);
    if (!this.terminating) this.#options.onStatus();
  }

  #runners(): ContainerRunner[] {
    return [...this.#sidecars, ...this.#containers, ...(this.#init === undefined ? [] : [this.#init.runner])];
  }

  #state(): PodState {
    return {
      pod: this.#pod,
      broken: this.#broken,
      init: this.#init && { state: stateOf(this.#init.runner), done: this.#init.done },
      sidecars: this.#sidecars.map(stateOf),
      containers: this.#containers.map(stateOf),
    };
  }
}

function stateOf({ container, phase, ready, why, exitCode }: ContainerRunner): ContainerState {
  return { name: container.name, phase, ready, why, exitCode };
}
