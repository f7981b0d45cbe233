import { nameablePorts } from '../../endpoints/index.ts';
import { namedPorts } from '../context.ts';
import type { Rule } from '../rule.ts';
import { didYouMean, listed, nearest } from '../text.ts';
import { lookups } from './named-ports.ts';

export const r10: Rule = {
  id: 'R10',
  title: 'targetPort is a name that no selected pod has',
  confidence: 'certain',
  *check(context) {
    for (const { entry, port, index, lookedUp } of lookups(context)) {
      if (lookedUp.some(l => l.found !== 'nowhere')) continue;
      const groups = lookedUp.map(l => l.group);
      const ports = groups.flatMap(group => nameablePorts(group.pod));
      const names = listed(
        groups.flatMap(group => namedPorts(group.pod)),
        6,
      );
      const near = nearest(
        String(port.targetPort),
        ports.filter(p => p.name !== '' && p.protocol === port.protocol).map(p => p.name),
      );
      const single = new Set(ports.filter(p => p.protocol === port.protocol).map(p => p.containerPort));
      const [number] = single;
      const choice = near ?? (single.size === 1 ? number : undefined);
      yield {
        subject: entry.subject,
        field: `spec.ports[${index}].targetPort`,
        message: `targetPort "${port.targetPort}" of Service ${entry.object.meta.name} is not the name of a ${port.protocol} port on any pod of ${listed(groups.map(g => g.owner))}. ${names === '' ? 'No port has a name there.' : `Names there: ${names}.`}${didYouMean(near)}`,
        fix:
          choice === undefined
            ? `Name the container port "${port.targetPort}", or set targetPort to a number${names === '' ? '' : ' or to one of those names'}.`
            : `Set targetPort: ${choice}, or name the container port "${port.targetPort}".`,
        ...(choice === undefined
          ? {}
          : { patch: [{ op: 'replace' as const, path: `/spec/ports/${index}/targetPort`, value: choice }] }),
      };
    }
  },
};
