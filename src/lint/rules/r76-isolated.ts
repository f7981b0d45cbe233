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
  title: 'NetworkPolicies let nobody reach the port of the Service',
  confidence: 'likely',
  *check(context) {
    // Policies of a network's own kind may allow what these do not.
    const hasOtherPolicies = context.others(OTHER_POLICIES).length > 0;
    for (const isolation of isolated(context, 'ingress')) {
      const { group, policies } = isolation;
      const rules = rulesOf(isolation, 'ingress');
      for (const { entry, port, target } of context.targets(group)) {
        if (rules.some(rule => allows(rule, target, port.protocol, group))) continue;
        const mistaken = rules.some(r => r.ports.some(p => p.port === port.port && p.protocol === port.protocol));
        // R75 says it better.
        if (mistaken && !isOwnPort(context, group, port.port)) continue;
        const [policy] = policies;
        if (policy === undefined) continue;
        yield {
          subject: policy.subject,
          field: 'spec.ingress',
          confidence: hasOtherPolicies ? 'hint' : 'likely',
          message: `${listed(policies.map(p => `NetworkPolicy ${p.subject.name}`))} isolates ${group.owner}, and no rule${context.where} allows ${target}/${port.protocol}, where Service ${entry.object.meta.name} port ${port.port} leads: its clients run into timeouts (where the network enforces policies).`,
          fix: `Add an ingress rule for port ${target}/${port.protocol} from the clients of Service ${entry.object.meta.name}.`,
        };
      }
    }
  },
};
