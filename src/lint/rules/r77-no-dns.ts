import type { PolicyRule } from '../kinds/index.ts';
import type { Rule } from '../rule.ts';
import { allows, isolated, rulesOf } from './policies.ts';

const DNS = 53;

export const r77: Rule = {
  id: 'R77',
  title: 'egress is limited, and DNS is not allowed',
  confidence: 'likely',
  *check(context) {
    for (const isolation of isolated(context, 'egress')) {
      const { group, policies } = isolation;
      const rules = rulesOf(isolation, 'egress');
      // Pods that may talk to nobody, such as databases, need no names either.
      if (rules.length === 0 || rules.every(onlyAddresses)) continue;
      if (rules.some(rule => allows(rule, DNS, 'UDP', group) && reachesOthers(rule))) continue;
      const [policy] = policies;
      if (policy === undefined) continue;
      yield {
        subject: policy.subject,
        field: 'spec.egress',
        message: `NetworkPolicy ${policy.subject.name} limits what ${group.owner} may reach, and no rule${context.where} allows DNS: its lookups of any name run into timeouts.`,
        fix: 'Add an egress rule to the cluster DNS (namespace kube-system, k8s-app: kube-dns) for ports 53/UDP and 53/TCP.',
      };
    }
  },
};

/** CoreDNS sometimes listens on another port, so a rule that names no port counts for it, too. */
function reachesOthers(rule: PolicyRule): boolean {
  return rule.peers.length === 0 || rule.peers.some(peer => peer.namespaces !== undefined || peer.cidr !== undefined);
}

function onlyAddresses(rule: PolicyRule): boolean {
  return rule.peers.length > 0 && rule.peers.every(peer => peer.cidr !== undefined);
}
