import type { PodTemplate } from '../pods.ts';
import type { Field } from './field.ts';
import { TEMPLATE_FIELDS } from './known-fields.ts';
import { readAnnotations, readLabels } from './meta.ts';
import { type PodSpecOptions, readPodSpec } from './pod.ts';

export interface TemplateOptions extends PodSpecOptions {
  /** `always`: the pods run until they are deleted; `ends`: they run to completion. */
  readonly restart: 'always' | 'ends';
}

/** Reads the template of a workload's pods. */
export function readTemplate(field: Field, { restart, ...options }: TemplateOptions): PodTemplate {
  field.noteUnknownFields(TEMPLATE_FIELDS);
  const meta = field.child('metadata');
  const spec = readPodSpec(field.child('spec'), 'template', { ...options, deadline: restart === 'ends' });
  const restartPolicy = field.child('spec').child('restartPolicy');
  if (restart === 'always' && spec.restartPolicy !== 'Always') {
    restartPolicy.fault(`${spec.restartPolicy} is not allowed here; only Always is`, 'write Always, or remove it');
  }
  if (restart === 'ends' && spec.restartPolicy === 'Always') {
    const why = restartPolicy.text() === undefined ? 'a Job needs a restartPolicy' : 'Always is not allowed in a Job';
    if (restartPolicy.isText) restartPolicy.fault(why, 'write restartPolicy: Never or restartPolicy: OnFailure');
  }
  return {
    labels: readLabels(meta.child('labels')) ?? {},
    annotations: readAnnotations(meta.child('annotations')),
    spec,
  };
}
