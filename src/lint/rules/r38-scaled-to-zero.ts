import type { LintContext, PodGroup } from '../context.ts';
import { rawAt } from '../kinds/index.ts';
import type { Rule } from '../rule.ts';
import { listed } from '../text.ts';

const SCALERS: ReadonlySet<string> = new Set(['HorizontalPodAutoscaler', 'ScaledObject']);

export const r38: Rule = {
  id: 'R38',
  title: 'the workload behind the Service has no replicas',
  confidence: 'certain',
  *check(context) {
    for (const { object: service, subject } of context.services) {
      const groups = context.servingFor(service);
      if (groups.length === 0 || groups.some(group => group.replicas !== 0 || group.pods.length > 0)) continue;
      const owners = listed(groups.map(g => g.owner));
      const scaler = groups.map(group => scalerOf(context, group)).find(name => name !== undefined);
      const [first] = groups;
      yield {
        subject: first?.subject ?? subject,
        field: 'spec.replicas',
        confidence: scaler === undefined ? 'certain' : 'hint',
        message: `${owners} has 0 replicas, so Service ${service.meta.name} has no endpoint${scaler === undefined ? '' : ` until ${scaler} adds some`}.`,
        fix: `Set spec.replicas of ${owners} to 1 or more.`,
        patch: [{ op: 'replace', path: '/spec/replicas', value: 1 }],
      };
    }
  },
};

function scalerOf(context: LintContext, group: PodGroup): string | undefined {
  const scaler = context.others(SCALERS).find(({ subject, value }) => {
    const sameNamespace = subject.namespace === group.pod.meta.namespace;
    return sameNamespace && rawAt(value, 'spec', 'scaleTargetRef', 'name') === group.subject.name;
  });
  return scaler && `${scaler.subject.kind} ${scaler.subject.name}`;
}
