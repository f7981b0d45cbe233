/**
 * Shared by R15, R16 and R17. A number that no container declares is legal, so it is only a hint, unless the manifest
 * itself indicates that another number was meant.
 *
 * @module
 */
import { nameablePorts } from '../../endpoints/index.ts';
import type { Service, ServicePort } from '../../kube/index.ts';
import { type Entry, isWritten, type LintContext, type PodGroup, perContext } from '../context.ts';

export interface Undeclared {
  readonly entry: Entry<Service>;
  readonly port: ServicePort;
  readonly index: number;
  readonly target: number;
  /** The groups that declare ports, but none with this number. */
  readonly groups: readonly PodGroup[];
  /** Numbers that all of these groups declare for the protocol. */
  readonly declared: readonly number[];
  readonly why: 'reversed' | 'node-port' | 'missing' | 'unknown';
}

export const undeclared = perContext((context): readonly Undeclared[] => [...find(context)]);

function* find(context: LintContext): Generator<Undeclared> {
  for (const entry of context.services) {
    const serving = context.servingFor(entry.object);
    if (serving.length === 0) continue;
    for (const [index, port] of entry.object.ports.entries()) {
      const target = port.targetPort;
      if (typeof target !== 'number') continue;
      const groups = serving.filter(group => {
        const ports = nameablePorts(group.pod);
        return ports.length > 0 && !ports.some(p => p.containerPort === target);
      });
      if (groups.length === 0) continue;
      const numbers = groups.map(g => nameablePorts(g.pod).filter(p => p.protocol === port.protocol));
      const declared = [...new Set(numbers[0]?.map(p => p.containerPort) ?? [])].filter(number =>
        numbers.every(list => list.some(p => p.containerPort === number)),
      );
      const at = { entry, port, index, target, groups, declared };
      // A declared port that another Service port already targets was not swapped.
      const taken = groups.some(group => context.targets(group).some(t => t.target === port.port));
      const why = groups.length === serving.length ? reason(at) : 'unknown';
      yield { ...at, why: why === 'reversed' && taken ? 'unknown' : why };
    }
  }
}

function reason({ entry, port, index, target, declared }: Omit<Undeclared, 'why'>): Undeclared['why'] {
  if (target !== port.port && declared.includes(port.port)) return 'reversed';
  if (target === port.nodePort && declared.length > 0) return 'node-port';
  // Clients of a headless Service dial the pods' own ports, so its list of ports is often only a formality.
  if (entry.object.headless || target !== port.port || declared.length !== 1) return 'unknown';
  return isWritten(entry, 'spec', 'ports', index, 'targetPort') && entry.object.meta.uid === undefined
    ? 'unknown'
    : 'missing';
}
