/** Shared by R10, R11, R12 and R14: each named targetPort, and where each group of pods has its name. */
import { nameablePorts, resolveTargetPort } from '../../endpoints/index.ts';
import type { Service, ServicePort } from '../../kube/index.ts';
import { type Entry, type LintContext, type PodGroup, perContext } from '../context.ts';

export interface Lookup {
  readonly group: PodGroup;
  /** `port`: the name resolves to a port. */
  readonly found: 'port' | 'other-protocol' | 'init-container' | 'nowhere';
}

export interface PortLookup {
  readonly entry: Entry<Service>;
  readonly port: ServicePort;
  readonly index: number;
  /** One for each serving group; not empty. */
  readonly lookedUp: readonly Lookup[];
}

export const lookups = perContext((context): readonly PortLookup[] => [...find(context)]);

function* find(context: LintContext): Generator<PortLookup> {
  for (const entry of context.services) {
    const named = entry.object.ports.some(port => typeof port.targetPort === 'string');
    const groups = named ? context.servingFor(entry.object) : [];
    if (groups.length === 0) continue;
    for (const [index, port] of entry.object.ports.entries()) {
      if (typeof port.targetPort !== 'string') continue;
      yield { entry, port, index, lookedUp: groups.map(group => ({ group, found: lookUp(port, group) })) };
    }
  }
}

function lookUp(port: ServicePort, group: PodGroup): Lookup['found'] {
  const { pod } = group;
  if (resolveTargetPort(port, pod) !== undefined) return 'port';
  if (nameablePorts(pod).some(p => p.name === port.targetPort)) return 'other-protocol';
  const init = pod.spec.initContainers.flatMap(container => container.ports);
  return init.some(p => p.name === port.targetPort) ? 'init-container' : 'nowhere';
}
