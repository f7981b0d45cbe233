import type { Container, EnvVar, Job, Pod, PodSpec } from '../../kube/index.ts';
import { templateHash } from '../expand.ts';

const INDEX = 'batch.kubernetes.io/job-completion-index';

/** What cannot change while a Job runs. */
export function fixedPart({ parallelism: _parallelism, suspend: _suspend, ...rest }: Job['spec']): unknown {
  return rest;
}

/** The pod of one attempt. `index` is set for Indexed Jobs. */
export function podOfJob({ meta, spec }: Job, attempt: number, index: number | undefined): Pod {
  const { template } = spec;
  const base = index === undefined ? meta.name : `${meta.name}-${index}`;
  const marks = { 'batch.kubernetes.io/job-name': meta.name, 'job-name': meta.name };
  const indexed = index === undefined ? {} : { [INDEX]: String(index) };
  return {
    kind: 'Pod',
    meta: {
      // Another template has other pods.
      name: `${base}-${templateHash(fixedPart(spec))}-${attempt}`,
      namespace: meta.namespace,
      labels: { ...template.labels, ...marks, ...indexed },
      annotations: { ...template.annotations, ...indexed },
      owners: [
        { kind: 'Job', name: meta.name, controller: true },
        ...meta.owners.map(owner => ({ ...owner, controller: false })),
      ],
    },
    spec: index === undefined ? template.spec : withIndex(template.spec, base),
    status: { phase: 'Pending', podIPs: [], conditions: [] },
  };
}

/** The first pod of a Job. */
export function podOfJobTemplate(job: Job): Pod {
  return podOfJob(job, 0, undefined);
}

function withIndex(spec: PodSpec, hostname: string): PodSpec {
  const variable: EnvVar = {
    name: 'JOB_COMPLETION_INDEX',
    source: { kind: 'field', path: `metadata.annotations['${INDEX}']` },
  };
  const add = (container: Container): Container =>
    container.env.some(({ name }) => name === variable.name)
      ? container
      : { ...container, env: [...container.env, variable] };
  return {
    ...spec,
    hostname: spec.hostname ?? hostname,
    containers: spec.containers.map(add),
    initContainers: spec.initContainers.map(add),
  };
}
