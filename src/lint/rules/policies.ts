/** Shared by R75, R76 and R77: what the policies of a pod allow. */
import { nameablePorts } from '../../endpoints/index.ts';
import type { Protocol } from '../../net/index.ts';
import type { LintContext, PodGroup, PolicyEntry } from '../context.ts';
import type { PolicyPort, PolicyRule } from '../kinds/index.ts';

export interface Isolation {
  readonly group: PodGroup;
  readonly policies: readonly PolicyEntry[];
}

/** The groups that policies isolate in one direction, with those policies. Policies do not apply to host network pods. */
export function isolated(context: LintContext, direction: 'ingress' | 'egress'): Isolation[] {
  const byGroup = new Map<PodGroup, PolicyEntry[]>();
  for (const entry of context.policies()) {
    if (entry.policy[direction] === undefined) continue;
    for (const group of entry.selected) {
      if (group.pod.spec.hostNetwork) continue;
      byGroup.set(group, [...(byGroup.get(group) ?? []), entry]);
    }
  }
  return [...byGroup].map(([group, policies]) => ({ group, policies }));
}

export function rulesOf(isolation: Isolation, direction: 'ingress' | 'egress'): readonly PolicyRule[] {
  return isolation.policies.flatMap(entry => entry.policy[direction] ?? []);
}

export function allows(rule: PolicyRule, port: number, protocol: Protocol, group: PodGroup): boolean {
  return rule.ports.length === 0 || rule.ports.some(p => isPort(p, { port, protocol, group }));
}

function isPort(allowed: PolicyPort, at: { port: number; protocol: Protocol; group: PodGroup }): boolean {
  const { port, protocol, group } = at;
  if (allowed.protocol !== protocol) return false;
  if (allowed.port === undefined) return true;
  if (typeof allowed.port === 'string') {
    const named = nameablePorts(group.pod).find(p => p.name === allowed.port && p.protocol === protocol);
    return named?.containerPort === port;
  }
  return allowed.port === port || (allowed.endPort !== undefined && allowed.port <= port && port <= allowed.endPort);
}
