import { selectorText } from '../../kube/index.ts';
import type { Rule } from '../rule.ts';
import { listed } from '../text.ts';
import { nearMiss, podsElsewhere, selectsNothing } from './selection.ts';

export const r03: Rule = {
  id: 'R03',
  title: 'the pods that the selector matches are in another namespace',
  confidence: 'certain',
  *check(context) {
    for (const { object: service, subject } of context.services) {
      if (!selectsNothing(context, service) || nearMiss(context, service) !== undefined) continue;
      const elsewhere = podsElsewhere(context, service);
      const first = elsewhere[0];
      if (first === undefined) continue;
      const { namespace, name } = service.meta;
      const owners = listed(elsewhere.map(group => `${group.owner} in "${group.pod.meta.namespace}"`));
      const other = first.pod.meta.namespace;
      yield {
        subject,
        field: 'metadata.namespace',
        confidence: context.missing(context.operatorIn(namespace) === undefined ? 'likely' : 'hint'),
        message: `Service ${name} in namespace "${namespace}" selects ${selectorText(service.selector ?? {})}, but no pod there${context.where} matches; ${owners} would. A Service selects only pods in its own namespace.`,
        fix: `Write namespace: ${other} for the Service, or namespace: ${namespace} for ${first.owner}.`,
        patch: [{ op: 'add', path: '/metadata/namespace', value: other }],
      };
    }
  },
};
