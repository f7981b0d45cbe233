import { stateReason, whyUnready } from '../../explain/words/index.ts';
import type { Rule } from '../rule.ts';
import { count, listed } from '../text.ts';

export const r30: Rule = {
  id: 'R30',
  title: 'the selector matches pods, but none is ready',
  confidence: 'certain',
  *check(context) {
    for (const { object: service, subject } of context.services) {
      for (const route of context.routesOf(service)) {
        if (route.kind !== 'proxied' && route.kind !== 'headless') continue;
        const { endpoints } = route;
        if (endpoints.length === 0 || endpoints.some(e => e.ready || e.serving)) continue;
        const reasons = listed(endpoints.map(endpoint => whyUnready(route, endpoint)));
        yield {
          subject,
          field: 'spec.selector',
          message: `${count(endpoints.length, 'endpoint')} of Service ${service.meta.name} port ${route.port}, none ready (${reasons}): ${stateReason(route)}.`,
          fix: 'Check the readinessProbe of the pods, its port and path, and the events of the pods.',
        };
        break;
      }
    }
  },
};
