import { SwitchboardError } from '../errors.ts';
import { keyOf, type ObjectEvent, type Pod, type WorkloadRunSpec } from '../kube/index.ts';
import type { EnvOverrides } from './config/env-flags.ts';
import type { ImageOverrides } from './config/image-flags.ts';
import { namesOf } from './config/pod-names.ts';
import { PodObjectCache } from './config/pod-objects.ts';
import { type DialledService, serviceEnvironment, servicesFor } from './config/service-env.ts';
import { FindingLog } from './findings.ts';
import { CronJobs } from './jobs/cron-jobs.ts';
import { Jobs } from './jobs/jobs.ts';
import type { LocalPods } from './local-pods.ts';
import type { PodNetwork, PodPlace } from './network.ts';
import { PodRun } from './pod-run.ts';
import { OrphanGuard } from './processes/orphan-guard.ts';
import type { CommandEvents } from './program.ts';
import { mayStart, mayStop, type RunState } from './rollout.ts';
import type { Runtime } from './runtime.ts';
import { ClaimStore } from './volumes/claim-store.ts';

export interface RunnerOptions {
  /** Sets a pod with its status, or deletes it when its last process has ended. */
  readonly report: (events: readonly ObjectEvent[]) => void;
  readonly onLine: (pod: Pod, container: string, line: string) => void;
  readonly onNotice: (pod: Pod, container: string, text: string) => void;
  readonly onJobEnd: (text: string) => void;
  /** Whether CronJobs run by their schedules. */
  readonly cron: boolean;
  /** Names a field that has no effect here, once. */
  readonly onFinding: (text: string) => void;
  /** The Services of a namespace, with the addresses at which a pod dials them now. */
  readonly services: (namespace: string, pod: Pod) => readonly DialledService[];
  /** The numbers of the ports at which Services reach the pod with this address. */
  readonly servicePorts: (ip: string) => readonly number[];
  readonly network: PodNetwork;
  /** The folder of a pod's manifest. */
  readonly directoryOf: (pod: Pod) => string;
  /** The folder of the manifest that declares a claim; undefined for a claim that a workload has made. */
  readonly manifestsOf: (namespace: string, claim: string) => string | undefined;
  /** Variables of the command line. */
  readonly env: EnvOverrides;
  /** Images of the command line. */
  readonly images: ImageOverrides;
  /** Folders that hostPath volumes may use. */
  readonly hostPaths: readonly string[];
}

/** Runs every pod that can run here, like the kubelet and the workload controllers. */
export class LocalPodRunner implements LocalPods {
  readonly #options: RunnerOptions;
  readonly #wanted = new Map<string, Pod>();
  readonly #runs = new Map<string, PodRun>();
  /** Pods that ran here and will be run by another program once they have ended. */
  readonly #elsewhere = new Map<string, Pod>();
  readonly #objects = new PodObjectCache();
  #claims: ClaimStore | undefined;
  readonly #places = new Map<string, PodPlace>();
  readonly #guard: OrphanGuard;
  readonly #findings = new FindingLog();
  readonly #jobs: Jobs;
  readonly #cronJobs: CronJobs;
  /** Keys of the pods of Jobs. */
  #jobPods = new Set<string>();
  readonly #rules = new Map<string, WorkloadRunSpec>();
  /** Fires when a pod has been ready for minReadySeconds. */
  #availability: NodeJS.Timeout | undefined;
  /** Jobs that cannot run here and were named. */
  readonly #imageJobs = new Set<string>();
  #saidNoApi = false;
  #closing = false;
  #settling = false;

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#guard = new OrphanGuard({ needed: !options.network.endsAll });
    this.#jobs = new Jobs({
      now: () => performance.now(),
      onChange: () => this.#wantJobs(),
      onEnd: options.onJobEnd,
    });
    this.#cronJobs = new CronJobs({
      jobs: this.#jobs,
      fires: options.cron,
      now: () => new Date(),
      onNote: options.onFinding,
    });
  }

  apply(events: readonly ObjectEvent[]): ObjectEvent[] {
    const passed: ObjectEvent[] = [];
    let changed = false;
    const workloads = events.flatMap(event =>
      event.type === 'set' && event.object.kind !== 'Pod' ? [event.object] : [],
    );
    for (const line of this.#findings.linesFor(workloads)) this.#options.onFinding(line);
    for (const event of events) {
      if (this.#objects.apply(event)) changed = true;
      else if (!this.#cronJobs.apply(event) && !this.#jobs.apply(event) && !this.#take(event)) passed.push(event);
    }
    if (changed) for (const run of this.#runs.values()) run.objectsChanged();
    this.#settle();
    return passed;
  }

  /** Starts a Job of a CronJob. @returns its key. @throws SWB_NOT_FOUND */
  runCronJob(key: string): string {
    return this.#cronJobs.run(key);
  }

  /**
   * Runs a command in a pod that runs here.
   *
   * @param pod NAME or NAMESPACE/NAME of a pod or a workload, whose first pod is taken
   * @returns the command's exit code
   * @throws SWB_NOT_FOUND, SWB_POD_EXEC
   */
  exec(pod: string, container: string | undefined, command: readonly string[], events: CommandEvents): Promise<number> {
    const [run] = this.#runsOf(pod);
    if (run === undefined) throw new SwitchboardError('SWB_NOT_FOUND', `no pod "${pod}" runs here`);
    return run.attach(container, command, events);
  }

  /** Replaces the pods of a workload, or one pod. @returns their names. @throws SWB_NOT_FOUND */
  restart(workload: string): string[] {
    const runs = this.#runsOf(workload);
    if (runs.length === 0) throw new SwitchboardError('SWB_NOT_FOUND', `no pod of "${workload}" runs here`);
    for (const run of runs) run.outdated = true;
    this.#settle();
    return runs.map(({ current }) => current.meta.name);
  }

  #runsOf(name: string): PodRun[] {
    return [...this.#runs.values()].filter(run => !run.terminating && namesOf(run.current).has(name));
  }

  async close(): Promise<void> {
    const grace = this.#closing ? 0 : undefined;
    this.#closing = true;
    this.#cronJobs.close();
    this.#jobs.close();
    await Promise.all([...this.#runs.values()].map(run => run.stop(grace)));
    await Promise.all([...this.#places.values()].map(place => place.close()));
    this.#guard.close();
  }

  #runtimeOf(pod: Pod): Runtime | undefined {
    return this.#options.network.runtimeOf(pod);
  }

  /** Brings the wanted pods of Jobs up to date. */
  #wantJobs(): void {
    if (this.#closing) return;
    const all = this.#jobs.pods().map(pod => this.#options.images.apply(pod));
    const pods = all.filter(pod => this.#runtimeOf(pod) !== undefined);
    for (const { meta } of all.filter(pod => this.#runtimeOf(pod) === undefined)) {
      const job = `${meta.namespace}/${meta.labels['job-name']}`;
      if (this.#imageJobs.has(job)) continue;
      this.#imageJobs.add(job);
      this.#options.onFinding(`job ${job} does not run: a container has no command, and images do not run here`);
    }
    const keys = new Set(pods.map(({ meta }) => keyOf(meta)));
    for (const key of this.#jobPods) if (!keys.has(key)) this.#wanted.delete(key);
    for (const pod of pods) this.#wanted.set(keyOf(pod.meta), pod);
    this.#jobPods = keys;
    this.#settle();
  }

  /** What decides the order of a roll-out, of the pods that run now. */
  #states(): Map<string, RunState> {
    const waits: number[] = [];
    const states = new Map(
      [...this.#runs].map(([key, run]): [string, RunState] => {
        const { owner, terminating, spec, ready, readyMs, outdated } = run;
        const leastMs = (owner === undefined ? 0 : (this.#rules.get(owner)?.minReadySeconds ?? 0)) * 1000;
        // Timers may fire up to a millisecond early.
        const isAvailable = ready && readyMs + 1 >= leastMs;
        if (ready && !isAvailable) waits.push(leastMs - readyMs);
        return [key, { owner, terminating, spec, ready: isAvailable, outdated }];
      }),
    );
    clearTimeout(this.#availability);
    if (waits.length > 0) this.#availability = setTimeout(() => this.#settle(), Math.min(...waits)).unref();
    return states;
  }

  /** Remembers how a workload rolls out. */
  #note(event: ObjectEvent): void {
    if (event.type === 'delete') {
      this.#rules.delete(`${event.kind} ${keyOf(event)}`);
      return;
    }
    const { object } = event;
    if (!('template' in object) || object.run === undefined) return;
    this.#rules.set(`${object.kind} ${keyOf(object.meta)}`, object.run);
  }

  /** @returns whether this runner handles the event, so that it is not passed on */
  #take(event: ObjectEvent): boolean {
    this.#note(event);
    if (event.type === 'set') {
      if (event.object.kind !== 'Pod') return false;
      const object = this.#options.images.apply(event.object);
      const key = keyOf(object.meta);
      if (this.#runtimeOf(object) === undefined) {
        this.#wanted.delete(key);
        if (!this.#runs.has(key)) return false;
        this.#elsewhere.set(key, object);
        return true;
      }
      this.#elsewhere.delete(key);
      this.#wanted.set(key, object);
      return true;
    }
    if (event.kind !== 'Pod') return false;
    this.#wanted.delete(keyOf(event));
    this.#elsewhere.delete(keyOf(event));
    return this.#runs.has(keyOf(event));
  }

  /** Starts and stops the pods that may start and stop now. Call again when the state of a pod changes. */
  #settle(): void {
    if (this.#settling || this.#closing) return;
    this.#settling = true;
    // In a later turn, so that the status of a new pod is reported after the events that created it.
    queueMicrotask(() => {
      this.#settling = false;
      if (this.#closing) return;
      for (const key of mayStop(this.#wanted, this.#states(), this.#rules)) this.#stop(key);
      const starting = mayStart(this.#wanted, this.#states(), this.#rules);
      const pods = starting.flatMap(key => this.#wanted.get(key) ?? []);
      for (const line of this.#findings.linesFor(pods, pod => this.#runtimeOf(pod))) this.#options.onFinding(line);
      for (const key of starting) this.#start(key);
      for (const [key, run] of this.#runs) {
        const pod = this.#wanted.get(key);
        if (pod !== undefined && !run.terminating && JSON.stringify(pod.spec) === JSON.stringify(run.spec))
          run.rename(pod);
      }
    });
  }

  #start(key: string): void {
    const pod = this.#wanted.get(key);
    if (pod === undefined) return;
    const place = this.#options.network.place(pod);
    this.#places.set(key, place);
    const directory = this.#options.directoryOf(pod);
    const run = new PodRun(pod, {
      place,
      directory,
      serviceVariables: () => serviceEnvironment(servicesFor(pod, this.#options.services)),
      extra: this.#options.env.of(pod),
      objects: this.#objects,
      claims: () => {
        this.#claims ??= new ClaimStore();
        return this.#claims;
      },
      manifestsOf: (namespace, claim) => this.#options.manifestsOf(namespace, claim) ?? directory,
      hostPaths: this.#options.hostPaths,
      guard: this.#guard,
      servicePorts: () => this.#options.servicePorts(place.ip),
      onLine: (of, container, line) => this.#line(of, container, line),
      onNotice: this.#options.onNotice,
      onStatus: () => {
        if (this.#runs.get(key) !== run) return;
        this.#options.report([{ type: 'set', object: run.current }]);
        this.#jobs.record(pod, run.phase, run.restarts);
        this.#settle();
      },
    });
    this.#runs.set(key, run);
    this.#options.report([{ type: 'set', object: run.current }]);
    void run.start();
  }

  #line(pod: Pod, container: string, line: string): void {
    this.#options.onLine(pod, container, line);
    if (this.#saidNoApi || !line.includes('unable to load in-cluster configuration')) return;
    this.#saidNoApi = true;
    const why = 'there is no API server here, and no token is mounted';
    this.#options.onNotice(pod, container, `${why}: give the program a kubeconfig, for example by --env KUBECONFIG`);
  }

  #stop(key: string): void {
    const run = this.#runs.get(key);
    if (run === undefined) return;
    void run.retire().then(async () => {
      await this.#places.get(key)?.close();
      this.#places.delete(key);
      this.#runs.delete(key);
      const { namespace, name } = run.current.meta;
      const heir = this.#elsewhere.get(key);
      this.#elsewhere.delete(key);
      this.#options.report([heir ? { type: 'set', object: heir } : { type: 'delete', kind: 'Pod', namespace, name }]);
      this.#settle();
    });
  }
}
