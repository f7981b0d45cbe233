import { selectorText } from '../../kube/index.ts';
import type { Rule } from '../rule.ts';
import { nearMiss, selectsNothing } from './selection.ts';

export const r02: Rule = {
  id: 'R02',
  title: 'the selector matches no pod because of one label',
  confidence: 'likely',
  *check(context) {
    for (const { object: service, subject } of context.services) {
      const miss = selectsNothing(context, service) ? nearMiss(context, service) : undefined;
      if (miss === undefined) continue;
      const { group, key, value, has } = miss;
      const pair = `${key}: ${value}`;
      const actual =
        has === undefined ? `it has no label "${key}"` : `it has ${has.key}: ${has.value === '' ? '""' : has.value}`;
      const others = Object.keys(service.selector ?? {}).length > 1 ? 'all but' : 'not';
      const corrected = { ...service.selector };
      delete corrected[key];
      if (has !== undefined) corrected[has.key] = has.value;
      yield {
        subject,
        field: `spec.selector[${key}]`,
        message: `Service ${service.meta.name} selects ${selectorText(service.selector ?? {})}. ${group.owner} matches ${others} "${pair}": ${actual}.`,
        fix:
          has === undefined
            ? `Remove "${pair}" from spec.selector, or add it to ${group.labelsPath} of ${group.owner}.`
            : `Set the selector to ${has.key}: ${has.value}, or add the label ${pair} to ${group.labelsPath} of ${group.owner}.`,
        patch: [{ op: 'replace', path: '/spec/selector', value: corrected }],
      };
    }
  },
};
