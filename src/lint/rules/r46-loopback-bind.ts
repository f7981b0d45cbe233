import { servingContainers } from '../pod-groups.ts';
import type { Rule } from '../rule.ts';
import { isLoopback, told } from './listening.ts';

export const r46: Rule = {
  id: 'R46',
  title: "the app is told to listen on the pod's loopback only",
  confidence: 'likely',
  *check(context) {
    for (const group of context.groups.all) {
      const targets = context.targets(group);
      if (group.ends || targets.length === 0) continue;
      const containers = servingContainers(group);
      for (const { container, field } of containers) {
        const instructions = told(container, field);
        // Behind a proxy in the same pod, loopback is right; so only a port that a Service targets counts.
        const onlyPort = instructions.find(i => i.port !== undefined)?.port;
        for (const { text, field: at, host, port } of instructions) {
          if (!isLoopback(host)) continue;
          const number = port ?? (containers.length === 1 ? onlyPort : undefined);
          const target = targets.find(t => number === undefined || t.target === number);
          if (target === undefined || (number === undefined && containers.length > 1)) continue;
          yield {
            subject: group.subject,
            field: at,
            message: `Container "${container.name}" of ${group.owner} binds to loopback (${text}): it answers inside its pod, and traffic of Service ${target.entry.object.meta.name} to pod port ${target.target} is refused.`,
            fix: `Use ${host === '::1' ? '::' : '0.0.0.0'} in place of ${host} in ${text}.`,
          };
        }
      }
    }
  },
};
