import { nameablePorts } from '../../endpoints/index.ts';
import { servingContainers } from '../pod-groups.ts';
import type { Rule } from '../rule.ts';
import { listed } from '../text.ts';
import { isLoopback, told } from './listening.ts';

export const r45: Rule = {
  id: 'R45',
  title: 'the app is told to listen on another port than the Service targets',
  confidence: 'likely',
  *check(context) {
    for (const group of context.groups.all) {
      const containers = servingContainers(group);
      const [only] = containers;
      // With several containers it is not known which of them the Service means.
      if (group.ends || only === undefined || containers.length > 1) continue;
      const targets = context.targets(group);
      if (targets.length === 0) continue;
      const instructions = told(only.container, only.field);
      // A program that is told a host far away is told that host's port beside it.
      if (instructions.some(i => i.host !== undefined && !isAny(i.host) && !isLoopback(i.host))) continue;
      const known = new Set([
        ...targets.map(t => t.target),
        ...nameablePorts(group.pod).map(port => port.containerPort),
      ]);
      const numbers = instructions.flatMap(i => (i.port === undefined ? [] : [i.port]));
      // A port that is told and known is enough: the other may be for something else.
      if (numbers.some(port => known.has(port))) continue;
      for (const { text, field, port } of instructions) {
        const [target] = targets;
        if (port === undefined || port === 0 || target === undefined) continue;
        yield {
          subject: group.subject,
          field,
          message: `Container "${only.container.name}" of ${group.owner} is told to listen on ${port} (${text}), and Service ${listed(targets.map(t => t.entry.object.meta.name))} targets ${listed(targets.map(t => String(t.target)))}.`,
          fix: `Set targetPort: ${port} on Service ${target.entry.object.meta.name}, or let the app listen on ${target.target}.`,
        };
      }
    }
  },
};

function isAny(host: string): boolean {
  return ['0.0.0.0', '::', '*', '+', '$(POD_IP)', '$(IP)'].includes(host);
}
