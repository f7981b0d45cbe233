import { nameablePorts } from '../../endpoints/index.ts';
import type { Rule } from '../rule.ts';
import { listed } from '../text.ts';
import { portProbes } from './probes.ts';

export const r31: Rule = {
  id: 'R31',
  title: 'the readiness probe uses a port that is neither declared nor a targetPort',
  confidence: 'likely',
  *check(context) {
    for (const { group, kind, port, field } of portProbes(context)) {
      if (kind !== 'readinessProbe' || typeof port !== 'number') continue;
      const targets = context.targets(group);
      const declared = nameablePorts(group.pod).map(p => p.containerPort);
      if (targets.length === 0 || declared.length === 0) continue;
      if (declared.includes(port) || targets.some(t => t.target === port)) continue;
      // A separate undeclared health port is common; probing the Service's port is not.
      const confused = targets.find(t => t.port.port === port);
      const numbers = listed([...new Set(targets.map(t => String(t.target)))]);
      const services = listed(targets.map(t => t.entry.object.meta.name));
      yield {
        subject: group.subject,
        field,
        confidence: confused === undefined ? 'hint' : 'likely',
        message:
          confused === undefined
            ? `The readiness probe of ${group.owner} uses port ${port}, which no container declares; Service ${services} targets ${numbers}.`
            : `The readiness probe of ${group.owner} uses port ${port}, the port of Service ${confused.entry.object.meta.name}. The pod listens on ${confused.target}, so the probe probably fails and the pod never becomes ready.`,
        fix:
          confused === undefined
            ? `If the app serves its health endpoint on ${port}, declare containerPort: ${port}; otherwise set the probe's port to ${numbers}.`
            : `Set the probe's port to ${confused.target}.`,
      };
    }
  },
};
