import type { ObjectMeta } from './meta.ts';
import type { PodTemplate } from './pods.ts';

export interface JobSpec {
  /** undefined: the Job is complete when one pod succeeds and none runs. */
  readonly completions?: number;
  readonly parallelism: number;
  readonly backoffLimit: number;
  readonly activeDeadlineSeconds?: number;
  readonly completionMode: 'NonIndexed' | 'Indexed';
  readonly suspend: boolean;
  readonly ttlSecondsAfterFinished?: number;
  /** Its restartPolicy is Never or OnFailure. */
  readonly template: PodTemplate;
  /** The fields that are not read although they change how the Job runs, such as `podFailurePolicy`. Sorted. */
  readonly unsupported: readonly string[];
}

export interface Job {
  readonly kind: 'Job';
  readonly meta: ObjectMeta;
  readonly spec: JobSpec;
}

export interface CronJob {
  readonly kind: 'CronJob';
  readonly meta: ObjectMeta;
  /** Valid for `parseCron`. */
  readonly schedule: string;
  /** undefined: the controller's, UTC in most clusters. */
  readonly timeZone?: string;
  readonly concurrencyPolicy: 'Allow' | 'Forbid' | 'Replace';
  readonly suspend: boolean;
  readonly startingDeadlineSeconds?: number;
  readonly successfulJobsHistoryLimit: number;
  readonly failedJobsHistoryLimit: number;
  readonly jobTemplate: {
    readonly labels: ObjectMeta['labels'];
    readonly annotations: ObjectMeta['annotations'];
    readonly spec: JobSpec;
  };
}
