import { nameablePorts } from '../../endpoints/index.ts';
import type { LintContext, PodGroup, PolicyEntry } from '../context.ts';
import type { Problem } from '../finding.ts';
import { matches, type PolicyRule } from '../kinds/index.ts';
import type { Rule } from '../rule.ts';
import { pointer } from '../text.ts';
import { allows, isolated, rulesOf } from './policies.ts';

export const r75: Rule = {
  id: 'R75',
  title: "a NetworkPolicy allows the Service's port instead of the pods' port",
  confidence: 'certain',
  *check(context) {
    for (const isolation of isolated(context, 'ingress')) {
      const { group } = isolation;
      const rules = rulesOf(isolation, 'ingress');
      for (const { entry, port, target } of context.targets(group)) {
        if (isOwnPort(context, group, port.port) || rules.some(rule => allows(rule, target, port.protocol, group)))
          continue;
        for (const { policy, subject } of isolation.policies) {
          const wrong = policy.ingress
            ?.flatMap(rule => rule.ports)
            .find(p => p.port === port.port && p.protocol === port.protocol);
          if (wrong === undefined) continue;
          yield {
            subject,
            field: wrong.field,
            message: `NetworkPolicy ${subject.name} allows ${port.port}, the port of Service ${entry.object.meta.name}. Policies apply to the pod's port: traffic reaches ${group.owner} on ${target}, which no policy allows.`,
            fix: `Allow ${target} instead of ${port.port}.`,
            patch: [{ op: 'replace', path: pointer(wrong.field), value: target }],
          };
        }
      }
    }
    for (const entry of context.policies()) {
      for (const rule of entry.policy.egress ?? []) yield* egressProblems(context, entry, rule);
    }
  },
};

/** Whether the pods themselves have a port with this number, so that a policy may mean it. */
export function isOwnPort(context: LintContext, group: PodGroup, number: number): boolean {
  const declared = nameablePorts(group.pod).some(port => port.containerPort === number);
  return declared || context.targets(group).some(target => target.target === number);
}

/** Reports an egress rule to pods that are all behind a Service with that port, while none has it itself. */
function* egressProblems(context: LintContext, { subject }: PolicyEntry, rule: PolicyRule): Generator<Problem> {
  const peers = rule.peers;
  if (peers.length === 0 || peers.some(peer => peer.pods === undefined)) return;
  const groups = context.groups.all.filter(group =>
    peers.some(peer => isPeer(context, peer, group, subject.namespace)),
  );
  if (groups.length === 0) return;
  for (const allowed of rule.ports) {
    const { port: number, protocol } = allowed;
    if (typeof number !== 'number' || allowed.endPort !== undefined) continue;
    const intended = groups.map(group => {
      const targets = context.targets(group).filter(t => t.port.protocol === protocol);
      const has =
        targets.some(t => t.target === number) || nameablePorts(group.pod).some(p => p.containerPort === number);
      return has ? undefined : targets.find(t => t.port.port === number);
    });
    const [first] = intended;
    if (first === undefined || intended.some(target => target === undefined)) continue;
    if (rule.ports.some(p => p.port === first.target)) continue;
    yield {
      subject,
      field: allowed.field,
      message: `NetworkPolicy ${subject.name} allows traffic to ${groups[0]?.owner} on ${number}, the port of Service ${first.entry.object.meta.name}. Policies apply to the pod's port: traffic reaches the pods on ${first.target}.`,
      fix: `Allow ${first.target} instead of ${number}.`,
      patch: [{ op: 'replace', path: pointer(allowed.field), value: first.target }],
    };
  }
}

function isPeer(context: LintContext, peer: PolicyRule['peers'][number], group: PodGroup, own: string): boolean {
  if (peer.pods === undefined || !matches(peer.pods, group.pod.meta.labels)) return false;
  const { namespace } = group.pod.meta;
  if (peer.namespaces === undefined) return namespace === own;
  const labels = context.inventory.get('Namespace', '', namespace)?.object.meta.labels;
  return matches(peer.namespaces, labels ?? { 'kubernetes.io/metadata.name': namespace });
}
