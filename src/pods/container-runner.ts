import { messageOf, SwitchboardError } from '../errors.ts';
import type { Container } from '../kube/index.ts';
import { Backoff } from '../scheduling/index.ts';
import { aborted, type HookTarget, pause, runHook } from './hook.ts';
import type { PodPlace } from './network.ts';
import { ContainerProbes } from './probes/container-probes.ts';
import type { CommandEvents, ContainerConfig, ProgramEnd, RunningProgram, StartProgram } from './program.ts';
import { RestartDelay } from './restart-delay.ts';
import { LogTail, terminationMessage } from './termination-message.ts';

export interface ContainerOptions {
  /** @throws SWB_POD_CONFIG: the container waits until `objectsChanged` */
  readonly configure: () => Promise<ContainerConfig>;
  readonly start: StartProgram;
  readonly place: Pick<PodPlace, 'ip' | 'claims' | 'reach'>;
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

/** The kubelet waits 10 s to 5 min before it pulls an image again. */
const FIRST_PULL_MS = 2000;
const MAX_PULL_MS = 60_000;

/** A container gets at least this time after its preStop hook, as in the kubelet. */
const MIN_GRACE_MS = 2000;

interface Attempt {
  readonly config: ContainerConfig;
  readonly program: RunningProgram;
  readonly probes: ContainerProbes;
  readonly log: LogTail;
  readonly startedAt: number;
  isEnding: boolean;
}

const MAX_TIMER_MS = 2 ** 31 - 1;

/** One container of a pod: its program, hooks, probes and restarts. */
export class ContainerRunner {
  readonly container: Container;
  /** Resolves when the container is started for the first time, or will never be. */
  readonly started: Promise<void>;
  readonly #options: ContainerOptions;
  readonly #delay = new RestartDelay();
  readonly #pulls = new Backoff({ firstMs: FIRST_PULL_MS, maxMs: MAX_PULL_MS });
  readonly #onStarted: () => void;
  readonly #hurry = new AbortController();
  /** Ends a start that is under way, such as a pull. */
  readonly #giveUp = new AbortController();
  #attempt: Attempt | undefined;
  #phase: Phase = 'configuring';
  #why = 'ContainerCreating';
  #opening: Promise<void>;
  #restart: NodeJS.Timeout | undefined;
  #last: ProgramEnd | undefined;
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

  /** @throws SWB_POD_EXEC if it does not run, or the command cannot be started. @returns the command's exit code */
  attach(command: readonly string[], events: CommandEvents): Promise<number> {
    const program = this.#attempt?.program;
    if (program?.running === true) return program.attach(command, events);
    throw new SwitchboardError('SWB_POD_EXEC', `container ${this.container.name} does not run: ${this.why}`);
  }

  /** Objects have changed: starts the container if it waits for one. */
  objectsChanged(): void {
    if (this.#phase === 'configuring' && !this.#stopping) this.#opening = this.#opening.then(() => this.#retry());
  }

  /**
   * Stops the container; resolves when its program has ended. A second call shortens the first one's time.
   *
   * @param turn when it may get its signal; its preStop hook does not wait for that
   */
  async stop(graceMs: number, turn: Promise<void> = Promise.resolve()): Promise<void> {
    this.#stopping = true;
    this.#onStarted();
    clearTimeout(this.#restart);
    this.#giveUp.abort();
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
    clearTimeout(this.#restart);
    const { configure, start, onLine, onChange } = this.#options;
    const log = new LogTail();
    let config: ContainerConfig;
    let program: RunningProgram;
    try {
      config = await configure();
      if (this.#stopping) return;
      program = await start(this.container, config, {
        onLine: line => {
          log.add(line);
          onLine(line);
        },
        onProgress: why => {
          this.#why = why;
          onChange();
        },
        signal: this.#giveUp.signal,
      });
    } catch (error) {
      if (!this.#stopping) this.#waitForObjects(error);
      return;
    }
    this.#phase = 'starting';
    this.#starts += 1;
    this.#why = 'ContainerCreating';
    this.#pulls.reset();
    this.#follow(config, program, log);
    onChange();
  }

  #follow(config: ContainerConfig, program: RunningProgram, log: LogTail): void {
    const { place, servicePorts, onChange, onNotice, graceMs } = this.#options;
    const probes = new ContainerProbes({
      container: this.container,
      target: { container: this.container, place, program },
      ...{ servicePorts, onChange, onNotice },
      onStarted: () => this.#isStarted(),
      onFailed: graceSeconds => void this.#end(graceSeconds === undefined ? graceMs : graceSeconds * 1000),
    });
    const attempt = { config, program, probes, log, startedAt: performance.now(), isEnding: false };
    this.#attempt = attempt;
    void program.ended.then(ended => this.#onEnd(attempt, ended));
    void this.#postStart(attempt).then(isFine => {
      if (isFine && program.running) probes.start();
    });
  }

  #waitForObjects(error: unknown): void {
    this.#phase = 'configuring';
    const isImage = SwitchboardError.is(error) && error.code === 'SWB_IMAGE';
    const delay = isImage ? this.#pulls.next() : RETRY_MS;
    this.#restart = setTimeout(() => this.objectsChanged(), delay).unref();
    const why = messageOf(error);
    const isNews = this.#why !== why;
    this.#why = SwitchboardError.is(error) ? why : `RunContainerError: ${why}`;
    if (isNews) this.#options.onNotice(this.#why);
    this.#options.onChange();
  }

  /** @returns whether there was no failure */
  async #postStart(attempt: Attempt): Promise<boolean> {
    const { program } = attempt;
    const hook = this.container.run?.postStart;
    if (hook === undefined) return true;
    const abort = new AbortController();
    void program.ended.then(() => abort.abort());
    const why = await runHook(hook, this.#hookTarget(attempt), AbortSignal.any([abort.signal, this.#hurry.signal]));
    if (why === undefined || !program.running) return true;
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
    if (attempt?.program.running !== true) return;
    const { program } = attempt;
    const ended = new AbortController();
    void program.ended.then(() => ended.abort());
    const isOver = AbortSignal.any([AbortSignal.timeout(Math.min(graceMs, MAX_TIMER_MS)), this.#hurry.signal]);
    if (attempt.isEnding) {
      await pause(graceMs, AbortSignal.any([this.#hurry.signal, ended.signal]));
      program.stop(0);
      return void (await program.ended);
    }
    attempt.isEnding = true;
    attempt.probes.stop();
    this.#options.onChange();
    const endsAt = performance.now() + graceMs;
    const hook = this.container.run?.preStop;
    if (hook !== undefined && !isOver.aborted) {
      const why = await runHook(hook, this.#hookTarget(attempt), AbortSignal.any([isOver, ended.signal]));
      if (why !== undefined && program.running) this.#options.onNotice(`FailedPreStopHook: ${why}`);
    }
    await Promise.race([turn, aborted(isOver)]);
    const least = hook === undefined ? 1 : MIN_GRACE_MS;
    const left = graceMs === 0 || this.#hurry.signal.aborted ? 0 : Math.max(endsAt - performance.now(), least);
    program.stop(left);
    this.#hurry.signal.addEventListener('abort', () => program.stop(0), { once: true });
    await program.ended;
  }

  #hookTarget({ program }: Attempt): HookTarget {
    return { program, container: this.container, place: this.#options.place };
  }

  #onEnd({ config, program, probes, log, startedAt }: Attempt, { code, how }: ProgramEnd): void {
    probes.stop();
    void program.close();
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
