import { servingContainers } from '../pod-groups.ts';
import type { Rule } from '../rule.ts';

export const r39: Rule = {
  id: 'R39',
  title: 'no readiness probe, so pods get traffic before the app listens',
  confidence: 'hint',
  *check(context) {
    for (const group of context.groups.all) {
      if (group.ends || group.replicas === 0) continue;
      const [target] = context.targets(group);
      if (target === undefined) continue;
      const serving = servingContainers(group);
      const named = serving.find(c => c.container.ports.some(p => p.containerPort === target.target));
      const { container, field } = named ?? serving[0] ?? {};
      if (container === undefined || field === undefined) continue;
      if (serving.some(c => c.container.readinessProbe !== undefined)) continue;
      yield {
        subject: group.subject,
        field,
        message: `Container "${container.name}" of ${group.owner} has no readinessProbe, so its pods get traffic of Service ${target.entry.object.meta.name} as soon as they start, before the app listens.`,
        fix: `Add a readinessProbe on ${target.target} to "${container.name}".`,
      };
    }
  },
};
