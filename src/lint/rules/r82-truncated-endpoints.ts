import type { Rule } from '../rule.ts';

const OVER_CAPACITY = 'endpoints.kubernetes.io/over-capacity';

export const r82: Rule = {
  id: 'R82',
  title: 'Endpoints truncated at 1000 addresses',
  confidence: 'certain',
  *check(context) {
    for (const { object, subject } of context.inventory.of('Endpoints')) {
      if (object.meta.annotations[OVER_CAPACITY] !== 'truncated') continue;
      yield {
        subject,
        field: `metadata.annotations[${OVER_CAPACITY}]`,
        message: `Endpoints ${object.meta.name} is truncated at 1000 addresses, so its readers do not see all pods of Service ${object.meta.name}.`,
        fix: 'Change its readers to use EndpointSlices.',
      };
    }
  },
};
