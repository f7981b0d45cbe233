import type { Rule } from '../rule.ts';

export const r66: Rule = {
  id: 'R66',
  title: 'a LoadBalancer Service without an address',
  confidence: 'certain',
  *check(context) {
    for (const { object: service, subject } of context.services) {
      // Only a control plane's own view says that nothing has given it one.
      if (service.type !== 'LoadBalancer' || service.meta.uid === undefined) continue;
      if (service.loadBalancerIngress.length > 0) continue;
      yield {
        subject,
        field: 'status.loadBalancer',
        message: `Service ${service.meta.name} is of type LoadBalancer, and nothing has given it an address (EXTERNAL-IP is pending).`,
        fix: `Install a load-balancer implementation, or use type: NodePort, or "switchboard up" on this machine.`,
      };
    }
  },
};
