import type { Rule } from '../rule.ts';

export const r66: Rule = {
  id: 'R66',
  title: 'a LoadBalancer Service without an address',
  confidence: 'certain',
  *check(context) {
    for (const { object: service, subject } of context.services) {
      // Only an object from a control plane shows that the address is missing.
      if (service.type !== 'LoadBalancer' || service.meta.uid === undefined) continue;
      if (service.loadBalancerIngress.length > 0) continue;
      yield {
        subject,
        field: 'status.loadBalancer',
        message: `Service ${service.meta.name} has type LoadBalancer, but no address (EXTERNAL-IP is pending).`,
        fix: `Install a load balancer implementation, use type: NodePort, or run "switchboard up" on this machine.`,
      };
    }
  },
};
