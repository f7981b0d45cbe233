import type { Confidence } from '../finding.ts';
import { servingContainers } from '../pod-groups.ts';
import type { Rule } from '../rule.ts';

export const r25: Rule = {
  id: 'R25',
  title: 'two containers of a pod have the same port, or a port of the same name',
  confidence: 'certain',
  *check(context) {
    for (const group of context.groups.all) {
      const ports = servingContainers(group).flatMap(({ container, field }) =>
        container.ports.map((port, index) => ({ port, container: container.name, field: `${field}.ports[${index}]` })),
      );
      for (const [at, later] of ports.entries()) {
        const before = ports.slice(0, at).filter(other => other.container !== later.container);
        const { name, protocol, containerPort } = later.port;
        const number = before.find(o => o.port.containerPort === containerPort && o.port.protocol === protocol);
        const named = before.find(o => o.port.name === name && name !== '' && o.port.protocol === protocol);
        if (number !== undefined) {
          yield {
            subject: group.subject,
            field: `${later.field}.containerPort`,
            confidence: 'likely',
            message: `Containers "${number.container}" and "${later.container}" of ${group.owner} both declare ${protocol} port ${containerPort}. Containers of a pod share one network, so only one of them can listen there.`,
            fix: `Let "${later.container}" listen on another port and declare that.`,
          };
        } else if (named !== undefined) {
          const used = context
            .selecting(group)
            .some(entry => entry.object.ports.some(p => p.targetPort === name && p.protocol === protocol));
          const confidence: Confidence = used ? 'certain' : 'hint';
          yield {
            subject: group.subject,
            field: `${later.field}.name`,
            confidence,
            message: `The port name "${name}" is on "${named.container}" (${named.port.containerPort}) and on "${later.container}" (${containerPort}) of ${group.owner}; a Service with targetPort "${name}" reaches only the first one, ${named.port.containerPort}.`,
            fix: `Rename the port of "${later.container}", for instance to "${`${name}-${later.container}`.slice(0, 15).replace(/-+$/, '')}".`,
          };
        }
      }
    }
  },
};
