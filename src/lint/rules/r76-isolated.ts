import type { Rule } from '../rule.ts';
import { listed } from '../text.ts';
import { allows, isolated, rulesOf } from './policies.ts';
import { isOwnPort } from './r75-policy-service-port.ts';

const OTHER_POLICIES: ReadonlySet<string> = new Set([
  'CiliumNetworkPolicy',
  'CiliumClusterwideNetworkPolicy',
  'GlobalNetworkPolicy',
  'AdminNetworkPolicy',
  'BaselineAdminNetworkPolicy',
]);

export const r76: Rule = {
  id: 'R76',
  title: 'NetworkPolicies block all traffic to the targetPort of the Service',
  confidence: 'likely',
  *check(context) {
    // Policies of other kinds may allow the traffic.
    const hasOtherPolicies = context.others(OTHER_POLICIES).length > 0;
    for (const isolation of isolated(context, 'ingress')) {
      const { group, policies } = isolation;
      const rules = rulesOf(isolation, 'ingress');
      for (const { entry, port, target } of context.targets(group)) {
        if (rules.some(rule => allows(rule, target, port.protocol, group))) continue;
        const allowsServicePort = rules.some(r =>
          r.ports.some(p => p.port === port.port && p.protocol === port.protocol),
        );
        // R75 reports this case.
        if (allowsServicePort && !isOwnPort(context, group, port.port)) continue;
        const [policy] = policies;
        if (policy === undefined) continue;
        yield {
          subject: policy.subject,
          field: 'spec.ingress',
          confidence: hasOtherPolicies ? 'hint' : 'likely',
          message: `${listed(policies.map(p => `NetworkPolicy ${p.subject.name}`))} isolates ${group.owner}, and no rule${context.where} allows ${target}/${port.protocol}, the target of port ${port.port} of Service ${entry.object.meta.name}. Its clients time out if the network enforces policies.`,
          fix: `Add an ingress rule for port ${target}/${port.protocol} from the clients of Service ${entry.object.meta.name}.`,
        };
      }
    }
  },
};
