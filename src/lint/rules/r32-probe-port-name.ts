import { servingContainers } from '../pod-groups.ts';
import type { Rule } from '../rule.ts';
import { didYouMean, listed, nearest } from '../text.ts';
import { portProbes } from './probes.ts';

export const r32: Rule = {
  id: 'R32',
  title: 'a probe names a port that its container does not declare',
  confidence: 'certain',
  *check(context) {
    for (const { group, container, kind, port, field } of portProbes(context)) {
      if (typeof port !== 'string' || container.ports.some(p => p.name === port)) continue;
      const names = container.ports.filter(p => p.name !== '').map(p => p.name);
      const elsewhere = servingContainers(group).find(c => c.container.ports.some(p => p.name === port));
      const other =
        elsewhere === undefined
          ? ''
          : ` Container "${elsewhere.container.name}" has it, but a probe uses only the ports of its own container.`;
      const near = nearest(port, names);
      const only = container.ports.length === 1 ? container.ports[0] : undefined;
      const choice = near ?? (only?.name || only?.containerPort);
      yield {
        subject: group.subject,
        field,
        message: `The ${kind} of container "${container.name}" uses port "${port}", which that container does not declare${names.length === 0 ? '' : `; it has ${listed(names)}`}: the probe fails every time.${other}${didYouMean(near)}`,
        fix:
          choice === undefined
            ? `Declare a port named "${port}" on "${container.name}", or write the number.`
            : `Write port: ${choice}, or name the container's port "${port}".`,
      };
    }
  },
};
