import { type Job, keyOf, type ObjectEvent, type Pod, type PodPhase } from '../../kube/index.ts';
import { fixedPart } from './job-pods.ts';
import { JobState } from './job-state.ts';

export interface JobsOptions {
  readonly now: () => number;
  /** Called when pods of Jobs may have to start or stop. */
  readonly onChange: () => void;
  /** Gets a line when a Job has ended. */
  readonly onEnd: (text: string) => void;
}

const MAX_TIMER_MS = 2 ** 31 - 1;

/** The Jobs that run here. */
export class Jobs {
  readonly #options: JobsOptions;
  readonly #jobs = new Map<string, JobState>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: JobsOptions) {
    this.#options = options;
  }

  /** A Job with another template or other completions starts from the beginning, since a cluster would refuse the change. */
  set(job: Job): void {
    const key = keyOf(job.meta);
    const state = this.#jobs.get(key);
    if (state !== undefined && JSON.stringify(fixedPart(state.job.spec)) === JSON.stringify(fixedPart(job.spec))) {
      state.update(job);
    } else this.#jobs.set(key, new JobState(job, this.#options.now()));
    this.step();
  }

  delete(key: string): void {
    if (this.#jobs.delete(key)) this.step();
  }

  /** @returns whether the event is about a Job */
  apply(event: ObjectEvent): boolean {
    const kind = event.type === 'set' ? event.object.kind : event.kind;
    if (kind !== 'Job') return false;
    if (event.type === 'delete') this.delete(keyOf(event));
    else if (event.object.kind === 'Job') this.set(event.object);
    return true;
  }

  /** The oldest first. */
  all(): JobState[] {
    return [...this.#jobs.values()];
  }

  /** The pods that should exist now. */
  pods(): Pod[] {
    return [...this.#jobs.values()].flatMap(state => [...state.pods]);
  }

  /** Records the state of a pod, if it belongs to a Job. */
  record({ meta }: Pod, phase: PodPhase, restarts: number): void {
    const owner = meta.owners.find(({ controller }) => controller);
    const state = owner?.kind === 'Job' ? this.#jobs.get(`${meta.namespace}/${owner.name}`) : undefined;
    if (state === undefined) return;
    const own = phase === 'Succeeded' ? 'succeeded' : phase === 'Failed' ? 'failed' : 'active';
    state.record(meta.name, own, restarts, this.#options.now());
    this.step();
  }

  /** Lets each Job decide, and calls again when the next one has to. */
  step(): void {
    clearTimeout(this.#timer);
    const now = this.#options.now();
    const times: number[] = [];
    for (const state of this.#jobs.values()) {
      const hadEnded = state.end !== undefined;
      const next = state.step(now);
      if (next !== undefined) times.push(next);
      if (!hadEnded && state.end !== undefined) this.#options.onEnd(endText(state));
    }
    if (times.length > 0) {
      this.#timer = setTimeout(() => this.step(), Math.min(Math.max(0, Math.min(...times) - now), MAX_TIMER_MS));
      this.#timer.unref();
    }
    this.#options.onChange();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#jobs.clear();
  }
}

function endText({ job, end, succeeded }: JobState): string {
  const counts = `${succeeded}/${job.spec.completions ?? 1} completions`;
  return `job ${keyOf(job.meta)}: ${end?.kind === 'failed' ? `Failed: ${end.reason}` : 'Complete'}, ${counts}`;
}
