import type { Rule } from '../rule.ts';
import { hasEndpointsOnNodes, nodesWithEndpoint } from './local-policy.ts';

export const r67: Rule = {
  id: 'R67',
  title: 'externalTrafficPolicy: Local, but some nodes have no endpoint',
  confidence: 'hint',
  *check(context) {
    const nodes = context.inventory.of('Node').length;
    for (const { object: service, subject } of context.services) {
      if (service.externalTrafficPolicy !== 'Local' || !hasEndpointsOnNodes(context, service)) continue;
      if (service.type !== 'NodePort' && service.type !== 'LoadBalancer' && service.externalIPs.length === 0) continue;
      const having = nodesWithEndpoint(context, service);
      if (nodes === 0 || having >= nodes) continue;
      yield {
        subject,
        field: 'spec.externalTrafficPolicy',
        message: `${having} of ${nodes} nodes have an endpoint of Service ${service.meta.name}; with externalTrafficPolicy: Local the other nodes drop external traffic, by design.`,
        fix: 'Use a load balancer with health checks, run a pod on each node, or use externalTrafficPolicy: Cluster.',
      };
    }
  },
};
