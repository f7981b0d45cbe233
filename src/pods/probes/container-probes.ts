import type { Container, Probe } from '../../kube/index.ts';
import type { PortClaims } from '../network.ts';
import { answeredBy, type ProbeTarget, runProbe } from './probe.ts';
import { Prober, type ProbeTiming } from './prober.ts';

export interface ContainerProbesOptions {
  readonly container: Container;
  readonly target: ProbeTarget;
  readonly servicePorts: () => readonly number[];
  /** The startup probe has succeeded, or there is none. */
  readonly onStarted: () => void;
  /** The startup or the liveness probe has failed. */
  readonly onFailed: (graceSeconds: number | undefined) => void;
  readonly onChange: () => void;
  readonly onNotice: (text: string) => void;
}

/** How often to look who holds a port: often enough that clients do not reach the wrong program for long. */
const OWN_PORTS: ProbeTiming = { initialDelaySeconds: 0, periodSeconds: 1, successThreshold: 1, failureThreshold: 1 };

/** The probes of one run of a container. */
export class ContainerProbes {
  readonly #options: ContainerProbesOptions;
  #probers: Prober[] = [];
  #startup: Prober | undefined;
  #readiness: Prober | undefined;
  #ready = false;
  #started = false;
  #stopped = false;
  readonly #warned = new Set<string>();

  constructor(options: ContainerProbesOptions) {
    this.#options = options;
  }

  get ready(): boolean {
    return this.#ready;
  }

  /** The reason why the container is not ready, for people; undefined: it has not run long enough to tell. */
  get why(): string | undefined {
    if (!this.#started) return this.#startup?.lastFailure && `startupProbe: ${this.#startup.lastFailure}`;
    const probed = this.#readiness?.lastFailure;
    return this.#options.container.readinessProbe === undefined
      ? probed
      : `readinessProbe: ${probed ?? 'no answer yet'}`;
  }

  /** Begins with the startup probe, which holds the others back. */
  start(): void {
    if (this.#stopped) return;
    const { startupProbe } = this.#options.container;
    if (startupProbe === undefined) {
      this.#onStarted();
      return;
    }
    this.#startup = this.#probe(startupProbe, true, (good, why) => {
      if (!good) return this.#fail(startupProbe, 'startupProbe', why);
      this.#stopAll();
      this.#onStarted();
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#ready = false;
    this.#stopAll();
  }

  /** Which other program holds a port of the container; undefined: none. */
  async clash(): Promise<string | undefined> {
    const { claims } = this.#options.target.place;
    return claims === undefined ? undefined : this.#otherHolder(claims);
  }

  #onStarted(): void {
    this.#started = true;
    const { readinessProbe, livenessProbe } = this.#options.container;
    const { claims } = this.#options.target.place;
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
    this.#options.onStarted();
  }

  /** A failed startup or liveness probe ends the process, which is then restarted. */
  #fail(probe: Probe, which: string, why: string | undefined): void {
    this.#options.onNotice(`${which} failed (${why ?? 'no answer'}): restarting the container`);
    this.stop();
    this.#options.onFailed(probe.terminationGracePeriodSeconds);
  }

  /** Without a readiness probe a container is ready once it runs, unless another program answers at one of its ports. */
  async #otherHolder(claims: PortClaims): Promise<string | undefined> {
    const { container, servicePorts } = this.#options;
    const declared = container.ports.filter(port => port.protocol === 'TCP').map(port => port.containerPort);
    for (const port of new Set([...declared, ...servicePorts()])) {
      const holder = await claims.otherHolder(port);
      if (holder !== undefined) return answeredBy(port, holder);
    }
    return undefined;
  }

  #probe(probe: Probe, eager: boolean, onVerdict: (good: boolean, why: string | undefined) => void): Prober {
    const onWarning = (text: string): void => {
      if (this.#warned.has(text)) return;
      this.#warned.add(text);
      this.#options.onNotice(`ProbeWarning: ${text}`);
    };
    return this.#prober(probe, eager, () => runProbe(probe, { ...this.#options.target, onWarning }), onVerdict);
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

  #stopAll(): void {
    for (const prober of this.#probers) prober.stop();
    this.#probers = [];
  }
}
