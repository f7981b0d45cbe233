import type { Rule } from '../rule.ts';
import { listed } from '../text.ts';
import { undeclared } from './numeric-target.ts';

export const r16: Rule = {
  id: 'R16',
  title: 'targetPort is missing, and the pods declare another port',
  confidence: 'likely',
  *check(context) {
    for (const { entry, port, index, groups, declared, why } of undeclared(context)) {
      const [number] = declared;
      if (why !== 'missing' || number === undefined) continue;
      yield {
        subject: entry.subject,
        field: `spec.ports[${index}]`,
        message: `Without a targetPort, traffic for port ${port.port} of Service ${entry.object.meta.name} goes to pod port ${port.port}, but ${listed(groups.map(g => g.owner))} declares only ${number}.`,
        fix: `Add targetPort: ${number}.`,
        patch: [{ op: 'add', path: `/spec/ports/${index}/targetPort`, value: number }],
      };
    }
  },
};
