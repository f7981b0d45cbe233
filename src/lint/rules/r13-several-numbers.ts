import { resolveTargetPort } from '../../endpoints/index.ts';
import type { Rule } from '../rule.ts';
import { listed } from '../text.ts';

export const r13: Rule = {
  id: 'R13',
  title: 'one port name stands for several numbers',
  confidence: 'hint',
  *check(context) {
    for (const { object: service, subject } of context.services) {
      for (const [index, port] of service.ports.entries()) {
        if (typeof port.targetPort !== 'string') continue;
        const owners = new Map<number, string[]>();
        for (const group of context.servingFor(service)) {
          const number = resolveTargetPort(port, group.pod);
          if (number !== undefined) owners.set(number, [...(owners.get(number) ?? []), group.owner]);
        }
        if (owners.size < 2) continue;
        const numbers = [...owners].map(([number, names]) => `${number} on ${listed(names)}`);
        yield {
          subject,
          field: `spec.ports[${index}].targetPort`,
          message: `"${port.targetPort}" is ${listed(numbers)}. Kubernetes resolves the name for each pod; tools that use one number for the whole Service do not.`,
          fix: `Use one number for "${port.targetPort}" everywhere, unless this is intended.`,
        };
      }
    }
  },
};
