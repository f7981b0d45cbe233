import { nameablePorts } from '../../endpoints/index.ts';
import type { Rule } from '../rule.ts';
import { listed } from '../text.ts';
import { lookups } from './named-ports.ts';

export const r12: Rule = {
  id: 'R12',
  title: 'targetPort is the name of a port of another protocol',
  confidence: 'certain',
  *check(context) {
    for (const { entry, port, index, lookedUp } of lookups(context)) {
      const groups = lookedUp.filter(l => l.found === 'other-protocol').map(l => l.group);
      const found = groups.flatMap(g => nameablePorts(g.pod)).find(p => p.name === port.targetPort);
      if (found === undefined) continue;
      yield {
        subject: entry.subject,
        field: `spec.ports[${index}].protocol`,
        message: `"${port.targetPort}" is a ${found.protocol} port (${found.containerPort}) on ${listed(groups.map(g => g.owner))}, but Service ${entry.object.meta.name} uses ${port.protocol}. Kubernetes looks up a name together with its protocol.`,
        fix: `Set protocol: ${found.protocol} on port ${port.port} of the Service, or protocol: ${port.protocol} on the container port.`,
        patch: [{ op: 'add', path: `/spec/ports/${index}/protocol`, value: found.protocol }],
      };
    }
  },
};
