import { LABEL_MANAGED_BY, SLICE_CONTROLLER } from '../../kube/index.ts';
import type { Rule } from '../rule.ts';

export const r88: Rule = {
  id: 'R88',
  title: 'endpoints left over after the selector was removed',
  confidence: 'certain',
  *check(context) {
    for (const { object: slice, subject } of context.inventory.of('EndpointSlice')) {
      if (slice.meta.labels[LABEL_MANAGED_BY] !== SLICE_CONTROLLER || slice.endpoints.length === 0) continue;
      const name = slice.meta.labels['kubernetes.io/service-name'] ?? '';
      const service = context.service(slice.meta.namespace, name)?.object;
      if (service === undefined || Object.keys(service.selector ?? {}).length > 0) continue;
      yield {
        subject,
        field: `metadata.labels[${LABEL_MANAGED_BY}]`,
        message: `EndpointSlice ${slice.meta.name} comes from a selector that Service ${name} no longer has: no controller updates it, and traffic still goes to its addresses.`,
        fix: `Delete EndpointSlice ${slice.meta.name}, or restore the selector of Service ${name}.`,
      };
    }
  },
};
