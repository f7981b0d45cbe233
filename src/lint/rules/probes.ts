/** Shared by R31 and R32: each probe of a pod that uses a port. */
import type { Container } from '../../kube/index.ts';
import { type LintContext, type PodGroup, perContext } from '../context.ts';
import { servingContainers } from '../pod-groups.ts';

const PROBES = ['startupProbe', 'readinessProbe', 'livenessProbe'] as const;

export interface PortProbe {
  readonly group: PodGroup;
  readonly container: Container;
  readonly kind: (typeof PROBES)[number];
  readonly port: number | string;
  readonly field: string;
}

export const portProbes = perContext((context): readonly PortProbe[] => [...find(context)]);

function* find(context: LintContext): Generator<PortProbe> {
  for (const group of context.groups.all) {
    for (const { container, field } of servingContainers(group)) {
      for (const kind of PROBES) {
        const action = container[kind]?.action;
        if (action === undefined || action.kind === 'exec') continue;
        yield { group, container, kind, port: action.port, field: `${field}.${kind}.${action.kind}.port` };
      }
    }
  }
}
