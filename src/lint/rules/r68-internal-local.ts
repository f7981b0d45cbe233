import type { Rule } from '../rule.ts';
import { listed } from '../text.ts';
import { hasEndpointsOnNodes, nodesWithEndpoint } from './local-policy.ts';

export const r68: Rule = {
  id: 'R68',
  title: 'internalTrafficPolicy: Local, but some nodes have no endpoint',
  confidence: 'hint',
  *check(context) {
    const nodes = context.inventory.of('Node').length;
    for (const { object: service, subject } of context.services) {
      if (service.internalTrafficPolicy !== 'Local' || service.type === 'ExternalName') continue;
      const fix = 'Run the pods as a DaemonSet, or use internalTrafficPolicy: Cluster.';
      const field = 'spec.internalTrafficPolicy';
      if (nodes > 0 && hasEndpointsOnNodes(context, service)) {
        const having = nodesWithEndpoint(context, service);
        if (having >= nodes) continue;
        const message = `${having} of ${nodes} nodes have an endpoint of Service ${service.meta.name}; with internalTrafficPolicy: Local, pods on the other nodes cannot reach it.`;
        yield { subject, field, message, fix };
        continue;
      }
      const groups = context.servingFor(service).filter(group => group.subject.kind !== 'DaemonSet');
      if (groups.length === 0) continue;
      const message = `Service ${service.meta.name} has internalTrafficPolicy: Local, but ${listed(groups.map(g => g.owner))} does not run on every node; pods on the other nodes cannot reach it.`;
      yield { subject, field, message, fix };
    }
  },
};
