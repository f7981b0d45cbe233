import type { PodGroup } from '../context.ts';
import { rawAt } from '../kinds/index.ts';
import { servingContainers } from '../pod-groups.ts';
import type { Rule } from '../rule.ts';
import { faultRule } from './faults.ts';

const TITLE = 'a host port that only one pod on a node can use';
const rejected = faultRule('R26', TITLE);

export const r26: Rule = {
  id: 'R26',
  title: TITLE,
  confidence: 'certain',
  *check(context) {
    yield* rejected.check(context);
    const holders = new Map<string, PodGroup>();
    for (const group of context.groups.all) {
      if (group.ends || group.replicas === 0) continue;
      for (const { container, field } of servingContainers(group)) {
        for (const [index, port] of container.ports.entries()) {
          const hostPort = port.hostPort ?? (group.pod.spec.hostNetwork ? port.containerPort : undefined);
          if (hostPort === undefined) continue;
          const key = `${hostPort}/${port.protocol}`;
          const name = `${field}.ports[${index}]${port.hostPort === undefined ? '' : '.hostPort'}`;
          const holder = holders.get(key);
          holders.set(key, holder ?? group);
          if (holder !== undefined && holder.owner !== group.owner && onEveryNode(holder) && onEveryNode(group)) {
            yield {
              subject: group.subject,
              field: name,
              message: `Host port ${key} of ${group.owner} is also that of ${holder.owner}, and both run on every node, so one of the two pods stays Pending.`,
              fix: `Choose another host port for ${group.owner}, or remove hostPort and use a Service.`,
            };
          } else if (holder === undefined && group.subject.kind === 'Deployment' && (group.replicas ?? 1) > 1) {
            yield {
              subject: group.subject,
              field: name,
              confidence: 'hint',
              message: `Host port ${key} allows one pod of ${group.owner} on each node; its ${group.replicas} replicas need as many nodes.`,
              fix: 'Remove hostPort and use a Service, or use a DaemonSet.',
            };
          }
        }
      }
    }
  },
};

/** A DaemonSet without a restriction to some nodes. */
function onEveryNode(group: PodGroup): boolean {
  const bound = ['nodeSelector', 'affinity', 'nodeName'].some(name => rawAt(group.rawSpec, name) !== undefined);
  return group.subject.kind === 'DaemonSet' && !bound;
}
