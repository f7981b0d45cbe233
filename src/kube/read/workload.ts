import type { ReadOptions } from '../fault.ts';
import type { Labels, ObjectMeta } from '../meta.ts';
import type { Workload, WorkloadKind } from '../objects.ts';
import type { PodTemplate } from '../pods.ts';
import type { Field } from './field.ts';
import { OBJECT_FIELDS, WORKLOAD_SPEC_FIELDS } from './known-fields.ts';
import { readLabels, readMeta } from './meta.ts';
import { readCount } from './numbers.ts';
import { expressionsMatch, readExpressions } from './selector-expressions.ts';
import { readTemplate } from './template.ts';
import { shown } from './wording.ts';
import { readWorkloadRun } from './workload-run.ts';

/** Reads what creates pods from `spec.template` and keeps them running. */
export function readWorkload(root: Field, kind: WorkloadKind, options: ReadOptions): Workload {
  root.noteUnknownFields(OBJECT_FIELDS);
  const meta = readMeta(root.child('metadata'), options, { scope: 'namespaced' });
  const spec = root.child('spec');
  spec.noteUnknownFields(WORKLOAD_SPEC_FIELDS[kind]);
  const run = options.run === true ? readWorkloadRun(spec.forRunning(), kind, options) : undefined;
  const claims = run?.kind === 'StatefulSet' ? run.volumeClaimTemplates.map(claim => claim.meta.name) : [];
  const template = readTemplate(spec.child('template'), { run: run !== undefined, claims, restart: 'always' });
  const selector = kind === 'ReplicationController' ? readPairs(spec, template) : readSelector(spec, template.labels);
  const start = spec.child('ordinals').child('start');
  const firstOrdinal = kind === 'StatefulSet' ? (readCount(start) ?? 0) : 0;
  const serviceName = kind === 'StatefulSet' ? spec.child('serviceName').text() : undefined;
  return {
    kind,
    meta: kind === 'ReplicationController' ? withLabels(meta, template.labels) : meta,
    replicas: readReplicas(spec.child('replicas'), kind),
    selector,
    template,
    ...(serviceName === undefined ? {} : { serviceName }),
    firstOrdinal,
    ...(run === undefined ? {} : { run }),
  };
}

/** A DaemonSet has no replicas: it runs one pod on each node, and a laptop is one node. */
function readReplicas(field: Field, kind: WorkloadKind): number {
  if (kind === 'DaemonSet') return 1;
  return readCount(field) ?? 1;
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

/** Labels of the template count as the object's own if it has none. */
export function withLabels(meta: ObjectMeta, labels: Labels): ObjectMeta {
  return Object.keys(meta.labels).length === 0 ? { ...meta, labels } : meta;
}

/** A ReplicationController's selector is a plain mapping; the template's labels are the default. */
function readPairs(spec: Field, template: PodTemplate): Labels {
  const field = spec.child('selector');
  const given = field.stringMap() ?? {};
  const selector = Object.keys(given).length === 0 ? template.labels : given;
  if (Object.keys(selector).length === 0 && field.isMapping) {
    field.fault('the selector is missing', 'give the template labels');
  }
  for (const [key, value] of Object.entries(selector)) {
    if (template.labels[key] === value) continue;
    const labels = spec.child('template').child('metadata').child('labels');
    labels.fault(
      `the selector requires ${key}: ${shown(value)}, which the template does not have`,
      `add ${key}: ${value}`,
    );
  }
  return selector;
}
