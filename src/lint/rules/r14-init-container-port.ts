import type { Rule } from '../rule.ts';
import { lookups } from './named-ports.ts';

export const r14: Rule = {
  id: 'R14',
  title: 'targetPort is the name of a port on an init container',
  confidence: 'certain',
  *check(context) {
    for (const { entry, port, index, lookedUp } of lookups(context)) {
      for (const { group, found } of lookedUp) {
        if (found !== 'init-container') continue;
        const init = group.pod.spec.initContainers.find(c => c.ports.some(p => p.name === port.targetPort));
        const number = init?.ports.find(p => p.name === port.targetPort)?.containerPort;
        yield {
          subject: entry.subject,
          field: `spec.ports[${index}].targetPort`,
          message: `Port "${port.targetPort}" is declared only on init container "${init?.name}" of ${group.owner}, which ends before the pod serves; Kubernetes does not look up its names.`,
          fix: `Declare "${port.targetPort}" on the container that serves it, or, if "${init?.name}" is a sidecar, set restartPolicy: Always on it (Kubernetes 1.32 and later look up its names). targetPort: ${number} works, too.`,
        };
      }
    }
  },
};
