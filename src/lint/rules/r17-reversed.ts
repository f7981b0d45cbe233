import type { Rule } from '../rule.ts';
import { listed } from '../text.ts';
import { undeclared } from './numeric-target.ts';

export const r17: Rule = {
  id: 'R17',
  title: 'port and targetPort are swapped, or targetPort is a node port',
  confidence: 'likely',
  *check(context) {
    for (const { entry, port, index, target, groups, declared, why } of undeclared(context)) {
      const who = listed(groups.map(g => g.owner));
      const path = `/spec/ports/${index}`;
      if (why === 'reversed') {
        yield {
          subject: entry.subject,
          field: `spec.ports[${index}].targetPort`,
          message: `port and targetPort look swapped: ${who} declares ${port.port}, but Service ${entry.object.meta.name} has port: ${port.port} and targetPort: ${target}.`,
          fix: `Set port: ${target} and targetPort: ${port.port}.`,
          patch: [
            { op: 'replace', path: `${path}/port`, value: target },
            { op: 'replace', path: `${path}/targetPort`, value: port.port },
          ],
        };
      } else if (why === 'node-port') {
        const number = declared.length === 1 ? declared[0] : undefined;
        yield {
          subject: entry.subject,
          field: `spec.ports[${index}].targetPort`,
          message: `targetPort ${target} is the node port of Service ${entry.object.meta.name}; no container of ${who} declares it. Clients outside the cluster dial the node port; targetPort is the port on which the pod listens.`,
          fix:
            number === undefined
              ? `Set targetPort to one of ${listed(declared.map(String))}.`
              : `Set targetPort: ${number}.`,
          ...(number === undefined
            ? {}
            : { patch: [{ op: 'replace' as const, path: `${path}/targetPort`, value: number }] }),
        };
      }
    }
  },
};
