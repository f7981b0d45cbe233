import type { Container, Probe } from '../kube/index.ts';
import { ContainerProcess, type Ended, type ProcessOptions } from './container-process.ts';
import { runProbe } from './probe.ts';
import { Prober } from './prober.ts';
import { RestartDelay } from './restart-delay.ts';

export interface ContainerOptions extends ProcessOptions {
  readonly restartPolicy: 'Always' | 'OnFailure' | 'Never';
  readonly graceMs: number;
  /** Called when the container starts, ends, or changes its readiness. */
  readonly onChange: () => void;
  readonly onNotice: (text: string) => void;
}

type Phase = 'starting' | 'running' | 'waiting' | 'ended';

/** One container of a pod: its process, probes and restarts. */
export class ContainerRunner {
  readonly container: Container;
  readonly #options: ContainerOptions;
  readonly #delay = new RestartDelay();
  #process: ContainerProcess | undefined;
  #probers: Prober[] = [];
  #startup: Prober | undefined;
  #readiness: Prober | undefined;
  #phase: Phase = 'starting';
  #ready = false;
  #restart: NodeJS.Timeout | undefined;
  #last: Ended | undefined;
  #stopping = false;
  #whyWaiting = '';

  constructor(container: Container, options: ContainerOptions) {
    this.container = container;
    this.#options = options;
    this.#start();
  }

  get phase(): Phase {
    return this.#phase;
  }

  get ready(): boolean {
    return this.#ready;
  }

  /** The exit code of a container that will not be restarted. */
  get exitCode(): number | undefined {
    return this.#last?.code;
  }

  /** The reason why it is not ready, for people. */
  get why(): string {
    const probed = this.#readiness?.lastFailure;
    const why: Record<Phase, string> = {
      starting: this.#startup?.lastFailure === undefined ? 'is starting' : `startupProbe: ${this.#startup.lastFailure}`,
      running: `readinessProbe: ${probed ?? 'no answer yet'}`,
      waiting: this.#whyWaiting,
      ended: this.#last?.how ?? 'has ended',
    };
    return why[this.#phase];
  }

  /** Stops the container; resolves when its process has ended. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#restart);
    this.#process?.stop(graceMs);
    await this.#process?.ended;
    this.#stopProbes();
  }

  #start(): void {
    const startedAt = performance.now();
    this.#phase = 'starting';
    const child = new ContainerProcess(this.container, this.#options);
    this.#process = child;
    void child.ended.then(ended => this.#onEnd(ended, performance.now() - startedAt));
    const { startupProbe } = this.container;
    if (startupProbe === undefined) this.#onStarted();
    else {
      this.#startup = this.#probe(startupProbe, true, (good, why) => {
        if (good) {
          this.#stopProbes();
          this.#onStarted();
        } else this.#fail(startupProbe, 'startupProbe', why);
      });
    }
  }

  #onStarted(): void {
    this.#phase = 'running';
    const { readinessProbe, livenessProbe } = this.container;
    if (readinessProbe === undefined) this.#ready = true;
    else {
      this.#readiness = this.#probe(readinessProbe, true, good => {
        if (this.#ready === good) return;
        this.#ready = good;
        this.#options.onChange();
      });
    }
    if (livenessProbe !== undefined) {
      this.#probe(livenessProbe, false, (good, why) => {
        if (!good) this.#fail(livenessProbe, 'livenessProbe', why);
      });
    }
    this.#options.onChange();
  }

  /** A failed startup or liveness probe ends the process, which is then restarted. */
  #fail(probe: Probe, which: string, why: string | undefined): void {
    this.#options.onNotice(`${which} failed (${why ?? 'no answer'}): restarting the container`);
    this.#stopProbes();
    this.#ready = false;
    this.#options.onChange();
    const grace = probe.terminationGracePeriodSeconds;
    this.#process?.stop(grace === undefined ? this.#options.graceMs : grace * 1000);
  }

  #onEnd(ended: Ended, ranMs: number): void {
    this.#stopProbes();
    this.#last = ended;
    this.#ready = false;
    const { restartPolicy } = this.#options;
    const again = restartPolicy === 'Always' || (restartPolicy === 'OnFailure' && ended.code !== 0);
    if (this.#stopping || !again) this.#phase = 'ended';
    else {
      const delay = this.#delay.next(ranMs);
      this.#phase = 'waiting';
      const when = delay === 0 ? 'at once' : `in ${Math.round(delay / 1000)} s`;
      this.#whyWaiting = `${ended.how}; restarts ${when}`;
      this.#options.onNotice(this.#whyWaiting);
      this.#restart = setTimeout(() => this.#start(), delay);
    }
    this.#options.onChange();
  }

  #probe(probe: Probe, eager: boolean, onVerdict: (good: boolean, why: string | undefined) => void): Prober {
    const { place, env, cwd } = this.#options;
    const run = () => runProbe(probe, { container: this.container, place, env, cwd });
    const prober = new Prober({ probe, eager, run, onVerdict, onFailure: () => this.#options.onChange() });
    this.#probers.push(prober);
    return prober;
  }

  #stopProbes(): void {
    for (const prober of this.#probers) prober.stop();
    this.#probers = [];
  }
}
