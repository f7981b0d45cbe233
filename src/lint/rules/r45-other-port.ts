import { nameablePorts } from '../../endpoints/index.ts';
import { servingContainers } from '../pod-groups.ts';
import type { Rule } from '../rule.ts';
import { listed } from '../text.ts';
import { isLoopback, listenSettings } from './listening.ts';

export const r45: Rule = {
  id: 'R45',
  title: 'the app is configured to listen on a port other than targetPort',
  confidence: 'likely',
  *check(context) {
    for (const group of context.groups.all) {
      const containers = servingContainers(group);
      const [only] = containers;
      // With several containers it is not known which one the Service targets.
      if (group.ends || only === undefined || containers.length > 1) continue;
      const targets = context.targets(group);
      if (targets.length === 0) continue;
      const settings = listenSettings(only.container, only.field);
      // With the address of another host, the port is probably that host's, too.
      if (settings.some(i => i.host !== undefined && !isAny(i.host) && !isLoopback(i.host))) continue;
      const expected = new Set([
        ...targets.map(t => t.target),
        ...nameablePorts(group.pod).map(port => port.containerPort),
      ]);
      const numbers = settings.flatMap(i => (i.port === undefined ? [] : [i.port]));
      // One expected port is enough: the others may be for something else.
      if (numbers.some(port => expected.has(port))) continue;
      for (const { text, field, port } of settings) {
        const [target] = targets;
        if (port === undefined || port === 0 || target === undefined) continue;
        yield {
          subject: group.subject,
          field,
          message: `Container "${only.container.name}" of ${group.owner} is configured to listen on ${port} (${text}), but Service ${listed(targets.map(t => t.entry.object.meta.name))} targets ${listed(targets.map(t => String(t.target)))}.`,
          fix: `Set targetPort: ${port} on Service ${target.entry.object.meta.name}, or configure the app to listen on ${target.target}.`,
        };
      }
    }
  },
};

function isAny(host: string): boolean {
  return ['0.0.0.0', '::', '*', '+', '$(POD_IP)', '$(IP)'].includes(host);
}
