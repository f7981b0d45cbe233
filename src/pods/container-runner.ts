import type { Container, Probe } from '../kube/index.ts';
import { ContainerProcess, type Ended, type ProcessOptions } from './container-process.ts';
import type { PortClaims } from './network.ts';
import { answeredBy, runProbe } from './probe.ts';
import { Prober, type ProbeTiming } from './prober.ts';
import { RestartDelay } from './restart-delay.ts';

export interface ContainerOptions extends ProcessOptions {
  readonly restartPolicy: 'Always' | 'OnFailure' | 'Never';
  readonly graceMs: number;
  /** The numbers of the ports at which Services reach the pod now. */
  readonly servicePorts: () => readonly number[];
  /** Called when the container starts, ends, or changes its readiness. */
  readonly onChange: () => void;
  readonly onNotice: (text: string) => void;
}

/** How often to look who holds a port: often enough that clients do not reach the wrong program for long. */
const OWN_PORTS: ProbeTiming = { initialDelaySeconds: 0, periodSeconds: 1, successThreshold: 1, failureThreshold: 1 };

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
  /** The clash of ports that was reported last. */
  #clash: string | undefined;

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
      running:
        this.container.readinessProbe === undefined
          ? (probed ?? 'is starting')
          : `readinessProbe: ${probed ?? 'no answer yet'}`,
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
    const { claims } = this.#options.place;
    const onReadiness = (good: boolean): void => {
      if (this.#ready === good) return;
      this.#ready = good;
      this.#options.onChange();
    };
    if (readinessProbe !== undefined) this.#readiness = this.#probe(readinessProbe, true, onReadiness);
    else if (claims !== undefined) {
      this.#readiness = this.#prober(OWN_PORTS, true, () => this.#otherHolder(claims), onReadiness);
    } else this.#ready = true;
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
    if (!this.#stopping && ended.code !== 0) void this.#explainClash();
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
    return this.#prober(probe, eager, () => runProbe(probe, { container: this.container, place, env, cwd }), onVerdict);
  }

  /** A program that finds its port taken only says so in words of its own. */
  async #explainClash(): Promise<void> {
    const { claims } = this.#options.place;
    const clash = claims === undefined ? undefined : await this.#otherHolder(claims);
    if (clash === undefined || clash === this.#clash) return;
    this.#clash = clash;
    const advice = 'give each pod a network of its own with --network namespaces (Linux), or other ports';
    this.#options.onNotice(`${clash}: pods share this machine's network; ${advice}`);
  }

  /** Without a readiness probe a container is ready once it runs, unless another program answers at one of its ports. */
  async #otherHolder(claims: PortClaims): Promise<string | undefined> {
    const declared = this.container.ports.filter(port => port.protocol === 'TCP').map(port => port.containerPort);
    for (const port of new Set([...declared, ...this.#options.servicePorts()])) {
      const holder = await claims.otherHolder(port);
      if (holder !== undefined) return answeredBy(port, holder);
    }
    return undefined;
  }

  #prober(
    probe: ProbeTiming,
    eager: boolean,
    run: () => Promise<string | undefined>,
    onVerdict: (good: boolean, why: string | undefined) => void,
  ): Prober {
    const prober = new Prober({ probe, eager, run, onVerdict, onFailure: () => this.#options.onChange() });
    this.#probers.push(prober);
    return prober;
  }

  #stopProbes(): void {
    for (const prober of this.#probers) prober.stop();
    this.#probers = [];
  }
}
