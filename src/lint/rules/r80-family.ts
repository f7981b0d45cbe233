import type { Rule } from '../rule.ts';
import { listed } from '../text.ts';

export const r80: Rule = {
  id: 'R80',
  title: 'the Service has an IP family that its pods do not have',
  confidence: 'certain',
  *check(context) {
    for (const { object: service, subject } of context.services) {
      const families = new Set<string>();
      for (const route of context.routesOf(service)) {
        const without = route.skippedPods.filter(
          skipped => skipped.reason === 'no-address-of-family' && skipped.family === route.family,
        );
        if (route.endpoints.length > 0 || without.length === 0 || families.has(route.family)) continue;
        families.add(route.family);
        yield {
          subject,
          field: 'spec.ipFamilies',
          message: `Service ${service.meta.name} has the family ${route.family}, but none of its pods has an ${route.family} address (${listed(without.map(o => o.pod))}).`,
          fix: `Remove ${route.family} from spec.ipFamilies, or run the pods on nodes with ${route.family}.`,
        };
      }
    }
  },
};
