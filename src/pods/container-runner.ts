import { messageOf, SwitchboardError, systemCodeOf } from '../errors.ts';
import type { Container } from '../kube/index.ts';
import { ContainerProbes } from './container-probes.ts';
import { ContainerProcess, type Ended } from './container-process.ts';
import { aborted, type HookTarget, pause, runHook } from './hook.ts';
import type { ContainerView, Mount, PodPlace } from './network.ts';
import type { OrphanGuard } from './orphan-guard.ts';
import { RestartDelay } from './restart-delay.ts';
import { signalNumber } from './stop-signal.ts';
import { LogTail, terminationMessage } from './termination-message.ts';

/** What a container runs with; computed at each start. */
export interface ContainerConfig {
  /** Command and arguments, expanded. */
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly mounts: readonly Mount[];
  /** Where the container writes its termination message, outside of the container. */
  readonly terminationFile?: string;
}

export interface ContainerOptions {
  /** @throws SWB_POD_CONFIG: the container waits until `objectsChanged` */
  readonly configure: () => Promise<ContainerConfig>;
  readonly place: Pick<PodPlace, 'ip' | 'view' | 'claims'>;
  readonly guard: OrphanGuard;
  readonly restartPolicy: 'Always' | 'OnFailure' | 'Never';
  readonly graceMs: number;
  /** The numbers of the ports at which Services reach the pod now. */
  readonly servicePorts: () => readonly number[];
  /** Called when the container starts, ends, or changes its readiness. */
  readonly onChange: () => void;
  readonly onLine: (line: string) => void;
  readonly onNotice: (text: string) => void;
}

/** - configuring: waits for an object; - starting: runs, but is not started; - waiting: for its restart. */
type Phase = 'configuring' | 'starting' | 'running' | 'waiting' | 'ended';

/** What a container waits for may also be a change of this machine, which no event reports. */
const RETRY_MS = 10_000;

/** A container gets at least this time after its preStop hook, as in the kubelet. */
const MIN_GRACE_MS = 2000;

interface Attempt {
  readonly config: ContainerConfig;
  readonly view: ContainerView;
  readonly process: ContainerProcess;
  readonly probes: ContainerProbes;
  readonly log: LogTail;
  readonly startedAt: number;
  isEnding: boolean;
}

const MAX_TIMER_MS = 2 ** 31 - 1;

/** One container of a pod: its process, hooks, probes and restarts. */
export class ContainerRunner {
  readonly container: Container;
  /** Resolves when the container is started for the first time, or will never be. */
  readonly started: Promise<void>;
  readonly #options: ContainerOptions;
  readonly #delay = new RestartDelay();
  readonly #onStarted: () => void;
  readonly #hurry = new AbortController();
  #attempt: Attempt | undefined;
  #phase: Phase = 'configuring';
  #why = 'ContainerCreating';
  #opening: Promise<void>;
  #restart: NodeJS.Timeout | undefined;
  #last: Ended | undefined;
  #stopping = false;
  #starts = 0;
  /** The clash of ports that was reported last. */
  #clash: string | undefined;

  constructor(container: Container, options: ContainerOptions) {
    this.container = container;
    this.#options = options;
    const started = Promise.withResolvers<void>();
    this.started = started.promise;
    this.#onStarted = started.resolve;
    this.#opening = this.#start();
  }

  get phase(): Phase {
    return this.#phase;
  }

  get ready(): boolean {
    return this.#phase === 'running' && this.#attempt?.probes.ready === true;
  }

  /** How many times it was started after the first time. */
  get restarts(): number {
    return Math.max(0, this.#starts - 1);
  }

  /** The exit code of a container that will not be restarted. */
  get exitCode(): number | undefined {
    return this.#last?.code;
  }

  /** The reason why it is not ready, for people. */
  get why(): string {
    if (this.#phase === 'starting' || this.#phase === 'running') return this.#attempt?.probes.why ?? this.#why;
    return this.#why;
  }

  /** Objects have changed: starts the container if it waits for one. */
  objectsChanged(): void {
    if (this.#phase === 'configuring' && !this.#stopping) this.#opening = this.#opening.then(() => this.#retry());
  }

  /**
   * Stops the container; resolves when its process has ended. A second call shortens the first one's time.
   *
   * @param turn when it may get its signal; its preStop hook does not wait for that
   */
  async stop(graceMs: number, turn: Promise<void> = Promise.resolve()): Promise<void> {
    this.#stopping = true;
    this.#onStarted();
    clearTimeout(this.#restart);
    if (graceMs === 0) this.#hurry.abort();
    await this.#opening;
    await this.#end(graceMs, turn);
    this.#attempt?.probes.stop();
    this.#phase = 'ended';
  }

  async #retry(): Promise<void> {
    if (this.#phase === 'configuring' && !this.#stopping) await this.#start();
  }

  async #start(): Promise<void> {
    this.#phase = 'configuring';
    const { place, configure } = this.#options;
    clearTimeout(this.#restart);
    let view: ContainerView;
    let config: ContainerConfig;
    try {
      config = await configure();
      view = await place.view(config.mounts);
    } catch (error) {
      this.#waitForObjects(error);
      return;
    }
    if (this.#stopping) return view.close();
    this.#phase = 'starting';
    this.#starts += 1;
    this.#why = 'ContainerCreating';
    const log = new LogTail();
    const process = this.#launch(config, view, log);
    if (process === undefined) return view.close();
    const probes = new ContainerProbes({
      container: this.container,
      target: { container: this.container, place, view, env: config.env, cwd: config.cwd },
      servicePorts: this.#options.servicePorts,
      onChange: this.#options.onChange,
      onNotice: this.#options.onNotice,
      onStarted: () => this.#isStarted(),
      onFailed: graceSeconds =>
        void this.#end(graceSeconds === undefined ? this.#options.graceMs : graceSeconds * 1000),
    });
    const attempt = { config, view, process, probes, log, startedAt: performance.now(), isEnding: false };
    this.#attempt = attempt;
    void process.ended.then(ended => this.#onEnd(attempt, ended));
    void this.#postStart(attempt).then(isFine => {
      if (isFine && process.running) probes.start();
    });
    this.#options.onChange();
  }

  /** @returns undefined if the system cannot start any program with this configuration */
  #launch(config: ContainerConfig, view: ContainerView, log: LogTail): ContainerProcess | undefined {
    const { place, guard, onLine } = this.#options;
    try {
      return new ContainerProcess({
        ...config,
        view,
        claims: place.claims,
        guard,
        onLine: line => {
          log.add(line);
          onLine(line);
        },
      });
    } catch (error) {
      // Such as an environment that is too large. The message might have parts of it.
      const why = `RunContainerError: the program cannot be started: ${systemCodeOf(error) ?? 'invalid arguments'}`;
      this.#waitForObjects(new SwitchboardError('SWB_POD_CONFIG', why));
      return undefined;
    }
  }

  #waitForObjects(error: unknown): void {
    this.#phase = 'configuring';
    this.#restart = setTimeout(() => this.objectsChanged(), RETRY_MS).unref();
    const why = messageOf(error);
    const isNews = this.#why !== why;
    this.#why = SwitchboardError.is(error) ? why : `RunContainerError: ${why}`;
    if (isNews) this.#options.onNotice(this.#why);
    this.#options.onChange();
  }

  /** @returns whether there was no failure */
  async #postStart(attempt: Attempt): Promise<boolean> {
    const { process } = attempt;
    const hook = this.container.run?.postStart;
    if (hook === undefined) return true;
    const abort = new AbortController();
    void process.ended.then(() => abort.abort());
    const why = await runHook(hook, this.#hookTarget(attempt), AbortSignal.any([abort.signal, this.#hurry.signal]));
    if (why === undefined || !process.running) return true;
    this.#options.onNotice(`FailedPostStartHook: ${why}: restarting the container`);
    await this.#end(this.#options.graceMs);
    return false;
  }

  #isStarted(): void {
    this.#phase = 'running';
    this.#onStarted();
    this.#options.onChange();
  }

  /** preStop hook, signal, SIGKILL at the end of the grace period. A second call can only shorten that. */
  async #end(graceMs: number, turn: Promise<void> = Promise.resolve()): Promise<void> {
    const attempt = this.#attempt;
    if (attempt?.process.running !== true) return;
    const { process } = attempt;
    const ended = new AbortController();
    void process.ended.then(() => ended.abort());
    const isOver = AbortSignal.any([AbortSignal.timeout(Math.min(graceMs, MAX_TIMER_MS)), this.#hurry.signal]);
    if (attempt.isEnding) {
      await pause(graceMs, AbortSignal.any([this.#hurry.signal, ended.signal]));
      process.stop(0);
      return void (await process.ended);
    }
    attempt.isEnding = true;
    attempt.probes.stop();
    this.#options.onChange();
    const endsAt = performance.now() + graceMs;
    const hook = this.container.run?.preStop;
    if (hook !== undefined && !isOver.aborted) {
      const why = await runHook(hook, this.#hookTarget(attempt), AbortSignal.any([isOver, ended.signal]));
      if (why !== undefined && process.running) this.#options.onNotice(`FailedPreStopHook: ${why}`);
    }
    await Promise.race([turn, aborted(isOver)]);
    const least = hook === undefined ? 1 : MIN_GRACE_MS;
    const left = graceMs === 0 || this.#hurry.signal.aborted ? 0 : Math.max(endsAt - performance.now(), least);
    process.stop(left, signalNumber(this.container.run?.stopSignal));
    this.#hurry.signal.addEventListener('abort', () => process.stop(0), { once: true });
    await process.ended;
  }

  #hookTarget({ config, view }: Attempt): HookTarget {
    const { env, cwd } = config;
    return { env, cwd, view, container: this.container, ip: this.#options.place.ip };
  }

  #onEnd({ config, view, probes, log, startedAt }: Attempt, { code, how }: Ended): void {
    probes.stop();
    void view.close();
    const policy = this.container.run?.terminationMessagePolicy ?? 'File';
    const said = terminationMessage({ file: config.terminationFile, policy, code, log });
    this.#last = { code, how: said === '' ? how : `${how}: ${said}` };
    const { restartPolicy, onNotice, onChange } = this.#options;
    if (!this.#stopping && code !== 0) void this.#explainClash(probes);
    const again = restartPolicy === 'Always' || (restartPolicy === 'OnFailure' && code !== 0);
    if (this.#stopping || !again) {
      this.#phase = 'ended';
      this.#why = code === 0 ? 'Completed' : `Error: ${this.#last.how}`;
      this.#onStarted();
    } else {
      const delay = this.#delay.next(performance.now() - startedAt);
      this.#phase = 'waiting';
      const when = delay === 0 ? 'at once' : `in ${Math.round(delay / 1000)} s`;
      this.#why = `CrashLoopBackOff: ${this.#last.how}; restarts ${when}`;
      onNotice(`${this.#last.how}; restarts ${when}`);
      this.#restart = setTimeout(() => {
        this.#opening = this.#start();
      }, delay);
    }
    onChange();
  }

  /** A program that finds its port taken only says so in words of its own. */
  async #explainClash(probes: ContainerProbes): Promise<void> {
    const clash = await probes.clash();
    if (clash === undefined || clash === this.#clash) return;
    this.#clash = clash;
    const advice = 'give each pod a network of its own with --network namespaces (Linux), or other ports';
    this.#options.onNotice(`${clash}: pods share this machine's network; ${advice}`);
  }
}
