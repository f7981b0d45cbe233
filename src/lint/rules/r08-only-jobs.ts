import type { Rule } from '../rule.ts';
import { listed } from '../text.ts';

export const r08: Rule = {
  id: 'R08',
  title: 'only Jobs or finished pods match the selector',
  confidence: 'certain',
  *check(context) {
    for (const { object: service, subject } of context.services) {
      const groups = context.selectedBy(service);
      if (groups.length === 0 || groups.some(group => !group.ends)) continue;
      if (context.inventory.hasRejectedPods(service.meta.namespace)) continue;
      const finished = groups.every(
        g => g.pods.length > 0 && g.pods.every(p => /Succeeded|Failed/.test(p.status.phase)),
      );
      yield {
        subject,
        field: 'spec.selector',
        confidence: finished ? 'certain' : context.missing('likely'),
        message: `Service ${service.meta.name} selects only pods that ${finished ? 'have finished' : 'run to completion'}: those of ${listed(groups.map(g => g.owner))}. Only running pods are endpoints.`,
        fix: 'Select the pods of a workload that keeps running, such as a Deployment.',
      };
    }
  },
};
