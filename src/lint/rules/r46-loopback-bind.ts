import { servingContainers } from '../pod-groups.ts';
import type { Rule } from '../rule.ts';
import { isLoopback, listenSettings } from './listening.ts';

export const r46: Rule = {
  id: 'R46',
  title: 'the app is configured to listen only on loopback',
  confidence: 'likely',
  *check(context) {
    for (const group of context.groups.all) {
      const targets = context.targets(group);
      if (group.ends || targets.length === 0) continue;
      const containers = servingContainers(group);
      for (const { container, field } of containers) {
        const settings = listenSettings(container, field);
        // Loopback is right behind a proxy in the same pod, so only a port that a Service targets counts.
        const onlyPort = settings.find(i => i.port !== undefined)?.port;
        for (const { text, field: at, host, port } of settings) {
          if (!isLoopback(host)) continue;
          const number = port ?? (containers.length === 1 ? onlyPort : undefined);
          const target = targets.find(t => number === undefined || t.target === number);
          if (target === undefined || (number === undefined && containers.length > 1)) continue;
          yield {
            subject: group.subject,
            field: at,
            message: `Container "${container.name}" of ${group.owner} listens only on loopback (${text}), so connections of Service ${target.entry.object.meta.name} to pod port ${target.target} are refused.`,
            fix: `Use ${host === '::1' ? '::' : '0.0.0.0'} instead of ${host} in ${text}.`,
          };
        }
      }
    }
  },
};
