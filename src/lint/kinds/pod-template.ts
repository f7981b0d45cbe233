import type { Labels, PodSpec } from '../../kube/index.ts';
import { type Field, readPodSpec } from '../../kube/read/index.ts';

/** A pod template in an object of another kind: Job, CronJob, and custom workloads such as a Rollout. */
export interface OtherTemplate {
  readonly labels: Labels;
  readonly spec: PodSpec;
  readonly specPath: string;
  readonly labelsPath: string;
  /** The pods run to completion (Job, CronJob). */
  readonly ends: boolean;
  readonly replicas: number | undefined;
}

export function readOtherTemplate(root: Field): OtherTemplate | undefined {
  const spec = root.child('spec');
  const kind = root.child('kind').string();
  const holder = kind === 'CronJob' ? spec.child('jobTemplate').child('spec') : spec;
  const template = holder.child('template');
  const podSpec = template.child('spec');
  if (!podSpec.child('containers').isList || podSpec.child('containers').items().length === 0) return undefined;
  const labels = template.child('metadata').child('labels');
  return {
    labels: labels.stringMap() ?? {},
    spec: readPodSpec(podSpec, 'template'),
    specPath: podSpec.path,
    labelsPath: labels.path,
    ends: kind === 'Job' || kind === 'CronJob',
    replicas: spec.child('replicas').integer(),
  };
}
