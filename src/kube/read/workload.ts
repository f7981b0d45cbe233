import type { ReadOptions } from '../fault.ts';
import type { Labels, Workload, WorkloadKind } from '../objects.ts';
import type { Field } from './field.ts';
import { OBJECT_FIELDS, TEMPLATE_FIELDS, WORKLOAD_SPEC_FIELDS } from './known-fields.ts';
import { readAnnotations, readLabels, readMeta } from './meta.ts';
import { requireAtLeast } from './numbers.ts';
import { readPodSpec } from './pod.ts';
import { expressionsMatch, readExpressions } from './selector-expressions.ts';
import { shown } from './wording.ts';

/** Deployment, ReplicaSet, StatefulSet and DaemonSet, which all create pods from `spec.template`. */
export function readWorkload(root: Field, kind: WorkloadKind, options: ReadOptions): Workload {
  root.noteUnknownFields(OBJECT_FIELDS);
  const meta = readMeta(root.child('metadata'), options, { scope: 'namespaced' });
  const spec = root.child('spec');
  spec.noteUnknownFields(WORKLOAD_SPEC_FIELDS[kind]);
  const template = readTemplate(spec.child('template'));
  const selector = readSelector(spec, template.labels);
  const start = spec.child('ordinals').child('start');
  const firstOrdinal = kind === 'StatefulSet' ? (start.integer() ?? 0) : 0;
  if (kind === 'StatefulSet') requireAtLeast(start, firstOrdinal, 0);
  const serviceName = kind === 'StatefulSet' ? spec.child('serviceName').text() : undefined;
  return {
    kind,
    meta,
    replicas: readReplicas(spec.child('replicas'), kind),
    selector,
    template,
    ...(serviceName === undefined ? {} : { serviceName }),
    firstOrdinal,
  };
}

/** A DaemonSet has no replicas: it runs one pod on each node, and a laptop is one node. */
function readReplicas(field: Field, kind: WorkloadKind): number {
  if (kind === 'DaemonSet') return 1;
  const replicas = field.integer();
  requireAtLeast(field, replicas, 0);
  return replicas ?? 1;
}

function readTemplate(field: Field): Workload['template'] {
  field.noteUnknownFields(TEMPLATE_FIELDS);
  const meta = field.child('metadata');
  const spec = readPodSpec(field.child('spec'), 'template');
  const restartPolicy = field.child('spec').child('restartPolicy');
  if (spec.restartPolicy !== 'Always') {
    restartPolicy.fault(`${spec.restartPolicy} is not allowed here; only Always is`, 'write Always, or remove it');
  }
  return {
    labels: readLabels(meta.child('labels')) ?? {},
    annotations: readAnnotations(meta.child('annotations')),
    spec,
  };
}

function readSelector(spec: Field, templateLabels: Labels): Labels {
  const field = spec.child('selector');
  if (field.isMissing) {
    field.fault('the selector is missing', "write matchLabels below it, with the template's labels");
    return {};
  }
  const matchLabels = readLabels(field.child('matchLabels')) ?? {};
  const expressions = readExpressions(field.child('matchExpressions'));
  if (Object.keys(matchLabels).length === 0 && expressions.length === 0) {
    const empty = field.child('matchExpressions').items().length === 0;
    if (field.isMapping && empty)
      field.fault('the selector is empty', "write matchLabels below it, with the template's labels");
    return matchLabels;
  }
  const unmatched = Object.entries(matchLabels).filter(([key, value]) => templateLabels[key] !== value);
  const labelsField = spec.child('template').child('metadata').child('labels');
  for (const [key, value] of unmatched) {
    labelsField.fault(
      `the selector requires ${key}: ${shown(value)}, which the template does not have`,
      `add ${key}: ${value}`,
    );
  }
  if (unmatched.length === 0 && !expressionsMatch(expressions, templateLabels)) {
    labelsField.fault("the selector's matchExpressions do not match them", 'make the selector match the template');
  }
  return matchLabels;
}
