import type { Rule } from '../rule.ts';
import { count, listed } from '../text.ts';
import { lookups } from './named-ports.ts';

export const r11: Rule = {
  id: 'R11',
  title: 'targetPort is a name that only some of the selected pods have',
  confidence: 'certain',
  *check(context) {
    for (const { entry, port, index, lookedUp } of lookups(context)) {
      const without = lookedUp.filter(l => l.found === 'nowhere').map(l => l.group);
      const withIt = lookedUp.filter(l => l.found === 'port').map(l => l.group);
      if (without.length === 0 || withIt.length === 0) continue;
      const pods = without.flatMap(group => group.pods);
      const who =
        pods.length === 0
          ? `the pods of ${listed(without.map(g => g.owner))}`
          : `${count(pods.length, 'pod')} (${listed(pods.map(p => p.meta.name))})`;
      yield {
        subject: entry.subject,
        field: `spec.ports[${index}].targetPort`,
        message: `Service ${entry.object.meta.name} also selects ${who}, which has no ${port.protocol} port named "${port.targetPort}" and gets no traffic of port ${port.port}. ${listed(withIt.map(g => g.owner))} has it.`,
        fix: `Name the container port "${port.targetPort}" in ${listed(without.map(g => g.owner))}, or make the selector of Service ${entry.object.meta.name} narrower.`,
      };
    }
  },
};
