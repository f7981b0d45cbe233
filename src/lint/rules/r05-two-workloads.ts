import { nameablePorts } from '../../endpoints/index.ts';
import type { PodGroup } from '../context.ts';
import { ownLabels } from '../pod-groups.ts';
import type { Rule } from '../rule.ts';
import { listed } from '../text.ts';

export const r05: Rule = {
  id: 'R05',
  title: 'the selector matches pods of several workloads',
  confidence: 'likely',
  *check(context) {
    for (const { object: service, subject } of context.services) {
      const groups = context.selectedBy(service);
      if (new Set(groups.map(group => group.owner)).size < 2) continue;
      for (const port of service.ports) {
        const { targetPort, protocol } = port;
        // R11 reports names that some pods lack, R13 names with several numbers.
        if (typeof targetPort !== 'number') continue;
        const declares = (group: PodGroup) =>
          nameablePorts(group.pod).some(p => p.containerPort === targetPort && p.protocol === protocol);
        const intended = groups.filter(declares);
        // A pod without declared ports is no evidence, unless it runs to completion.
        const unintended = groups.filter(g => !declares(g) && (g.ends || nameablePorts(g.pod).length > 0));
        const [first] = intended;
        if (first === undefined || unintended.length === 0) continue;
        const label = distinguishing(first, groups);
        yield {
          subject,
          field: 'spec.selector',
          message: `Service ${service.meta.name} sends traffic for port ${targetPort} to ${listed(intended.map(g => g.owner))}, but also to ${listed(unintended.map(g => g.owner))}, where no container declares it.`,
          fix:
            label === undefined
              ? `Add a label that only ${first.owner} has to its ${first.labelsPath}, and to spec.selector.`
              : `Add ${label.key}: ${label.value} to spec.selector.`,
          ...(label === undefined
            ? {}
            : {
                patch: [
                  { op: 'add' as const, path: `/spec/selector/${label.key.replaceAll('/', '~1')}`, value: label.value },
                ],
              }),
        };
        break;
      }
    }
  },
};

/** A label that one workload has and the others do not have with that value. */
function distinguishing(group: PodGroup, all: readonly PodGroup[]): { key: string; value: string } | undefined {
  const others = all.filter(other => other.owner !== group.owner);
  const pairs = Object.entries(ownLabels(group.pod.meta.labels));
  const found = pairs.find(([key, value]) => others.every(other => other.pod.meta.labels[key] !== value));
  return found && { key: found[0], value: found[1] };
}
