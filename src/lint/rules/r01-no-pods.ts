import { keyOf, selectorText } from '../../kube/index.ts';
import type { Rule } from '../rule.ts';
import { listed } from '../text.ts';
import { nearMiss, podsElsewhere, selectsNothing } from './selection.ts';

/** The control plane's pods are not in the user's files. */
const CONTROL_PLANE = 'kube-system';

export const r01: Rule = {
  id: 'R01',
  title: 'the selector matches no pod',
  confidence: 'certain',
  *check(context) {
    for (const { object: service, subject } of context.services) {
      if (!selectsNothing(context, service)) continue;
      // R02 and R03 report these cases.
      if (nearMiss(context, service) !== undefined || podsElsewhere(context, service).length > 0) continue;
      const { namespace } = service.meta;
      const groups = context.groups.in(namespace);
      const operator = context.operatorIn(namespace);
      const made = operator && `${operator.subject.kind} ${operator.subject.name}`;
      const workloads = listed(groups.map(group => group.owner));
      const present = workloads === '' ? '' : ` There ${groups.length === 1 ? 'is' : 'are'} ${workloads}.`;
      const creator = made === undefined ? '' : ` ${made} may create the pods.`;
      yield {
        subject,
        field: 'spec.selector',
        confidence:
          made === undefined && namespace !== CONTROL_PLANE
            ? context.missing(groups.length > 0 ? 'likely' : 'hint')
            : 'hint',
        message: `Service ${keyOf(service.meta)} selects ${selectorText(service.selector ?? {})}, but no pod in namespace "${namespace}"${context.where} has those labels.${present}${creator}`,
        fix: `Change spec.selector to labels that the pods have, or add ${selectorText(service.selector ?? {})} to the labels of the pod template.`,
      };
    }
  },
};
