/**
 * What a Job does next, like the Job controller. Pure: the past of its pods and the time in, its pods out.
 *
 * @module
 */
import type { Job, Pod } from '../../kube/index.ts';
import { podOfJob } from './job-pods.ts';

/** One pod of a Job. */
export interface Attempt {
  readonly pod: Pod;
  readonly index: number | undefined;
  phase: 'active' | 'succeeded' | 'failed';
  restarts: number;
  endedAt: number;
}

export type JobEnd =
  | { readonly kind: 'complete'; readonly at: number }
  | { readonly kind: 'failed'; readonly reason: 'BackoffLimitExceeded' | 'DeadlineExceeded'; readonly at: number };

/** As for containers: the first failure is repeated after a second, later ones after up to a minute. */
const FIRST_RETRY_MS = 1000;
const MAX_RETRY_MS = 60_000;

/** A Job and the attempts so far. */
export class JobState {
  #job: Job;
  readonly #startedAt: number;
  #attempts: Attempt[] = [];
  #count = 0;
  #end: JobEnd | undefined;

  constructor(job: Job, now: number) {
    this.#job = job;
    this.#startedAt = now;
  }

  get job(): Job {
    return this.#job;
  }

  /** Takes another parallelism or suspend. */
  update(job: Job): void {
    this.#job = job;
  }

  get end(): JobEnd | undefined {
    return this.#end;
  }

  get succeeded(): number {
    return this.#attempts.filter(({ phase }) => phase === 'succeeded').length;
  }

  /** All pods that should exist; those that have ended stay for their logs. */
  get pods(): readonly Pod[] {
    return this.#attempts.map(({ pod }) => pod);
  }

  /** Records what has become of a pod. */
  record(name: string, phase: Attempt['phase'], restarts: number, now: number): void {
    const attempt = this.#attempts.find(({ pod }) => pod.meta.name === name);
    if (attempt === undefined || attempt.phase !== 'active') return;
    attempt.phase = phase;
    attempt.restarts = restarts;
    if (phase !== 'active') attempt.endedAt = now;
  }

  /** Decides what to do. @returns when to decide again, if nothing happens before; undefined: only then */
  step(now: number): number | undefined {
    if (this.#end !== undefined) return this.#afterEnd(now);
    this.#end = this.#ended(now);
    if (this.#end !== undefined) {
      this.#attempts = this.#attempts.filter(({ phase }) => phase !== 'active');
      return this.#afterEnd(now);
    }
    const { spec } = this.job;
    if (spec.suspend) this.#attempts = this.#attempts.filter(({ phase }) => phase !== 'active');
    const retryAt = this.#retryAt();
    if (!spec.suspend && now >= retryAt) this.#start();
    const times = [...(retryAt > now ? [retryAt] : []), ...this.#deadline()];
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Removes the pods of a finished Job after its time. */
  #afterEnd(now: number): number | undefined {
    const { ttlSecondsAfterFinished: ttl } = this.job.spec;
    if (ttl === undefined || this.#end === undefined) return undefined;
    const at = this.#end.at + ttl * 1000;
    if (now < at) return at;
    this.#attempts = [];
    return undefined;
  }

  #ended(now: number): JobEnd | undefined {
    const { spec } = this.job;
    const [deadline] = this.#deadline();
    if (deadline !== undefined && now >= deadline) return { kind: 'failed', reason: 'DeadlineExceeded', at: now };
    if (this.#failures() > spec.backoffLimit) return { kind: 'failed', reason: 'BackoffLimitExceeded', at: now };
    const active = this.#attempts.filter(({ phase }) => phase === 'active').length;
    const isComplete =
      spec.completions === undefined ? this.succeeded > 0 && active === 0 : this.succeeded >= spec.completions;
    return isComplete ? { kind: 'complete', at: now } : undefined;
  }

  /** Failed pods, and restarts of containers in those that still run. */
  #failures(): number {
    return this.#attempts.reduce((sum, { phase, restarts }) => {
      return sum + (phase === 'failed' ? 1 : phase === 'active' ? restarts : 0);
    }, 0);
  }

  #deadline(): number[] {
    const { activeDeadlineSeconds: seconds, suspend } = this.job.spec;
    return seconds === undefined || suspend ? [] : [this.#startedAt + seconds * 1000];
  }

  #retryAt(): number {
    const failed = this.#attempts.filter(({ phase }) => phase === 'failed');
    if (failed.length === 0) return 0;
    const last = Math.max(...failed.map(({ endedAt }) => endedAt));
    return last + Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(failed.length - 1, 30));
  }

  #start(): void {
    const { completions, parallelism, completionMode } = this.job.spec;
    const active = this.#attempts.filter(({ phase }) => phase === 'active');
    if (completions === undefined && this.succeeded > 0) return;
    const left = completions === undefined ? parallelism : completions - this.succeeded;
    const wanted = Math.min(parallelism, left);
    const indexes = completionMode === 'Indexed' ? this.#openIndexes() : undefined;
    for (let count = active.length; count < wanted; count += 1) {
      const index = indexes?.shift();
      if (indexes !== undefined && index === undefined) return;
      const pod = podOfJob(this.job, this.#count, index);
      this.#count += 1;
      this.#attempts.push({ pod, index, phase: 'active', restarts: 0, endedAt: 0 });
    }
  }

  /** The indexes that have neither succeeded nor run. */
  #openIndexes(): number[] {
    const taken = new Set(this.#attempts.filter(({ phase }) => phase !== 'failed').map(({ index }) => index));
    return Array.from({ length: this.job.spec.completions ?? 0 }, (_, index) => index).filter(i => !taken.has(i));
  }
}
