import type { PolicyRule } from '../kinds/index.ts';
import type { Rule } from '../rule.ts';
import { allows, isolated, rulesOf } from './policies.ts';

const DNS = 53;

export const r77: Rule = {
  id: 'R77',
  title: 'egress is restricted and does not allow DNS',
  confidence: 'likely',
  *check(context) {
    for (const isolation of isolated(context, 'egress')) {
      const { group, policies } = isolation;
      const rules = rulesOf(isolation, 'egress');
      // Pods without egress, such as databases, do not need DNS.
      if (rules.length === 0 || rules.every(onlyAddresses)) continue;
      if (rules.some(rule => allows(rule, DNS, 'UDP', group) && reachesOthers(rule))) continue;
      const [policy] = policies;
      if (policy === undefined) continue;
      yield {
        subject: policy.subject,
        field: 'spec.egress',
        message: `NetworkPolicy ${policy.subject.name} restricts the egress of ${group.owner}, and no rule${context.where} allows DNS, so its lookups time out.`,
        fix: 'Add an egress rule to the cluster DNS (namespace kube-system, k8s-app: kube-dns) for ports 53/UDP and 53/TCP.',
      };
    }
  },
};

/** Whether a rule may reach the cluster's DNS server. */
function reachesOthers(rule: PolicyRule): boolean {
  return rule.peers.length === 0 || rule.peers.some(peer => peer.namespaces !== undefined || peer.cidr !== undefined);
}

function onlyAddresses(rule: PolicyRule): boolean {
  return rule.peers.length > 0 && rule.peers.every(peer => peer.cidr !== undefined);
}
