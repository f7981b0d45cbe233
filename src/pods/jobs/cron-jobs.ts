import { SwitchboardError } from '../../errors.ts';
import { type CronJob, type Job, keyOf, type ObjectEvent, parseCron } from '../../kube/index.ts';
import { firesAt, nextTime } from './cron-times.ts';
import type { JobState } from './job-state.ts';
import type { Jobs } from './jobs.ts';

export interface CronJobsOptions {
  readonly jobs: Jobs;
  /** Whether schedules fire; otherwise Jobs only start on request. */
  readonly fires: boolean;
  readonly now: () => Date;
  /** Gets lines for the user. */
  readonly onNote: (text: string) => void;
}

const MINUTE_MS = 60_000;

/** The CronJobs among the inputs. */
export class CronJobs {
  readonly #options: CronJobsOptions;
  readonly #cronJobs = new Map<string, CronJob>();
  readonly #startedAt: Date;
  #runs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: CronJobsOptions) {
    this.#options = options;
    this.#startedAt = options.now();
    if (options.fires) this.#wait();
  }

  /** @returns whether the event is about a CronJob */
  apply(event: ObjectEvent): boolean {
    if (event.type === 'delete') {
      if (event.kind !== 'CronJob') return false;
      this.#cronJobs.delete(keyOf(event));
      for (const { job } of this.#jobsOf(keyOf(event))) this.#options.jobs.delete(keyOf(job.meta));
      return true;
    }
    if (event.object.kind !== 'CronJob') return false;
    const key = keyOf(event.object.meta);
    const isNew = !this.#cronJobs.has(key);
    this.#cronJobs.set(key, event.object);
    if (isNew) this.#options.onNote(this.#introduction(key, event.object));
    return true;
  }

  /**
   * Starts a Job of a CronJob now, whatever its schedule says.
   *
   * @returns the Job's key
   * @throws SWB_NOT_FOUND
   */
  run(key: string): string {
    const cronJob = this.#cronJobs.get(key);
    if (cronJob === undefined) {
      const known = [...this.#cronJobs.keys()].sort().join(', ');
      const list = known === '' ? 'the inputs have none' : `the inputs have: ${known}`;
      throw new SwitchboardError('SWB_NOT_FOUND', `there is no CronJob ${key}; ${list}`);
    }
    this.#runs += 1;
    return this.#start(cronJob, `manual-${this.#runs}`);
  }

  /** Starts the Jobs whose time this minute is. */
  fire(at: Date): void {
    for (const [key, cronJob] of this.#cronJobs) {
      const parsed = parseCron(cronJob.schedule);
      if (cronJob.suspend || parsed.status !== 'schedule') continue;
      if (!firesAt(parsed.schedule, at, cronJob.timeZone, this.#startedAt)) continue;
      const active = this.#jobsOf(key).filter(({ end }) => end === undefined);
      if (active.length > 0 && cronJob.concurrencyPolicy === 'Forbid') {
        this.#options.onNote(`CronJob ${key} skips a run: the last one has not ended (concurrencyPolicy: Forbid)`);
        continue;
      }
      if (cronJob.concurrencyPolicy === 'Replace') {
        for (const { job } of active) this.#options.jobs.delete(keyOf(job.meta));
      }
      this.#start(cronJob, String(Math.floor(at.getTime() / MINUTE_MS)));
      this.#forget(key, cronJob);
    }
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #wait(): void {
    const now = this.#options.now().getTime();
    this.#timer = setTimeout(
      () => {
        this.fire(this.#options.now());
        this.#wait();
      },
      MINUTE_MS - (now % MINUTE_MS),
    );
    this.#timer.unref();
  }

  #start({ meta, jobTemplate }: CronJob, suffix: string): string {
    const job: Job = {
      kind: 'Job',
      meta: {
        name: `${meta.name}-${suffix}`,
        namespace: meta.namespace,
        labels: jobTemplate.labels,
        annotations: jobTemplate.annotations,
        owners: [{ kind: 'CronJob', name: meta.name, controller: true }],
      },
      spec: jobTemplate.spec,
    };
    this.#options.jobs.set(job);
    return keyOf(job.meta);
  }

  /** Removes the oldest Jobs that have ended. */
  #forget(key: string, { successfulJobsHistoryLimit, failedJobsHistoryLimit }: CronJob): void {
    const ended = this.#jobsOf(key);
    const complete = ended.filter(({ end }) => end?.kind === 'complete');
    const failed = ended.filter(({ end }) => end?.kind === 'failed');
    const old = [
      ...complete.slice(0, Math.max(0, complete.length - successfulJobsHistoryLimit)),
      ...failed.slice(0, Math.max(0, failed.length - failedJobsHistoryLimit)),
    ];
    for (const { job } of old) this.#options.jobs.delete(keyOf(job.meta));
  }

  #jobsOf(key: string): JobState[] {
    return this.#options.jobs
      .all()
      .filter(({ job: { meta } }) =>
        meta.owners.some(({ kind, name }) => kind === 'CronJob' && `${meta.namespace}/${name}` === key),
      );
  }

  #introduction(key: string, cronJob: CronJob): string {
    const { schedule, suspend } = cronJob;
    const now = `run it now with: switchboard job run ${key}`;
    if (suspend) return `CronJob ${key} is suspended; ${now}`;
    const next = this.#nextTime(cronJob);
    const when = next === undefined ? 'never' : `next at ${next.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
    return this.#options.fires
      ? `CronJob ${key} runs at ${schedule} (${when}); ${now}`
      : `CronJob ${key} (${schedule}; ${when}) does not run by its schedule without --cron; ${now}`;
  }

  #nextTime({ schedule, timeZone }: CronJob): Date | undefined {
    const parsed = parseCron(schedule);
    if (parsed.status !== 'schedule') return undefined;
    return nextTime(parsed.schedule, this.#options.now(), timeZone, this.#startedAt);
  }
}
