import type { Rule } from '../rule.ts';
import { isReached, nodesWithEndpoint } from './local-policy.ts';

export const r67: Rule = {
  id: 'R67',
  title: 'externalTrafficPolicy: Local, and nodes without an endpoint',
  confidence: 'hint',
  *check(context) {
    const nodes = context.inventory.of('Node').length;
    for (const { object: service, subject } of context.services) {
      if (service.externalTrafficPolicy !== 'Local' || !isReached(context, service)) continue;
      if (service.type !== 'NodePort' && service.type !== 'LoadBalancer' && service.externalIPs.length === 0) continue;
      const having = nodesWithEndpoint(context, service);
      if (nodes === 0 || having >= nodes) continue;
      yield {
        subject,
        field: 'spec.externalTrafficPolicy',
        message: `${having} of ${nodes} nodes have an endpoint of Service ${service.meta.name}; with externalTrafficPolicy: Local the others drop what comes from outside, by design.`,
        fix: 'Send clients through the health check of a load balancer, run a pod on each node, or use externalTrafficPolicy: Cluster.',
      };
    }
  },
};
