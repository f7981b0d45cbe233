import type { CronJob, Job, KubeObject, Labels, PodSpec, Secret } from '../../src/kube/index.ts';
import type { ReadOutcome } from '../../src/kube/read/index.ts';
import { selectedVersion } from '../../testing/control-plane/index.ts';

/** The API server adds it to every new Node (admission plugin TaintNodesByCondition). */
const TAINT_OF_NEW_NODES = 'node.kubernetes.io/not-ready';

/** Fields of alpha features: a server drops them, so its object has no such part. */
const ALPHA = /\.(mode|defaultUser|user|bindMountOptions|protocol)$/;
/** Of features that Kubernetes 1.34 lacks. */
const SINCE_1_35 = /\.(restartPolicy|restartPolicyRules)$/;
/** Labels that the server gives to a Job's pods. */
const JOB_LABEL = /^(batch\.kubernetes\.io\/)?(controller-uid|job-name)$/;

/** The object without what only a control plane sets. */
export function meaning(outcome: ReadOutcome): unknown {
  if (outcome.status !== 'read') return undefined;
  const { object } = outcome;
  const { meta, ...rest } = object;
  const labels = object.kind === 'Job' ? ownLabels(meta.labels) : meta.labels;
  return { ...rest, ...ownPart(object), name: meta.name, namespace: meta.namespace, labels };
}

function ownPart(object: KubeObject): object {
  switch (object.kind) {
    case 'Node':
      return { taints: object.taints.filter(key => key !== TAINT_OF_NEW_NODES) };
    case 'Secret':
      return { data: shownData(object) };
    case 'Pod':
      return { spec: stableSpec(object.spec) };
    case 'Job':
      return { spec: stableJob(object.spec) };
    case 'CronJob':
      return { jobTemplate: { ...object.jobTemplate, spec: stableJob(object.jobTemplate.spec) } };
    default:
      return {};
  }
}

function shownData({ data }: Secret): unknown {
  return Object.entries(data)
    .map(([key, value]) => [key, Buffer.from(value.bytes()).toString('base64')])
    .sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
}

function stableSpec(spec: PodSpec): unknown {
  const { run } = spec;
  const containers = spec.containers.map(({ run: own, ...rest }) => ({
    ...rest,
    run: { ...own, stopSignal: undefined },
  }));
  return run === undefined
    ? spec
    : { ...spec, containers, run: { ...run, unsupported: run.unsupported.filter(isKept) } };
}

function isKept(path: string): boolean {
  return !ALPHA.test(path) && !(selectedVersion() === '1.34' && SINCE_1_35.test(path));
}

function stableJob(spec: Job['spec'] | CronJob['jobTemplate']['spec']): unknown {
  return { ...spec, template: { ...spec.template, labels: ownLabels(spec.template.labels) } };
}

function ownLabels(labels: Labels): unknown {
  return Object.entries(labels).filter(([key]) => !JOB_LABEL.test(key));
}
