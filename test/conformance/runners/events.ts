import type { ObjectEvent } from '../../../src/kube/index.ts';
import { readObject } from '../../../src/kube/read/index.ts';
import { CLUSTER, type Manifest, namespaceOf, type Scenario, type Step } from '../scenarios/index.ts';

/** The objects of a step as a source delivers them: deletions first. */
export function eventsOf(scenario: Scenario, step: Step): ObjectEvent[] {
  const namespace = namespaceOf(scenario);
  return [
    ...(step.delete ?? []).map(({ kind, name }): ObjectEvent => ({ type: 'delete', kind, namespace, name })),
    ...(step.set ?? []).map((manifest): ObjectEvent => setEvent(placed(manifest, namespace))),
  ];
}

/** The cluster's objects besides those of the scenarios. */
export function clusterEvents(): ObjectEvent[] {
  return [
    setEvent({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'ServiceCIDR',
      metadata: { name: 'kubernetes' },
      spec: { cidrs: CLUSTER.serviceCIDRs },
    }),
  ];
}

/** A manifest in the namespace of its scenario. */
export function placed(manifest: Manifest, namespace: string): Manifest & { metadata: { namespace: string } } {
  return { ...manifest, metadata: { ...manifest.metadata, namespace } };
}

function setEvent(manifest: unknown): ObjectEvent {
  const outcome = readObject(manifest, { primaryFamily: 'IPv4', defaultNamespace: 'default' });
  if (outcome.status !== 'read') throw new Error(`a scenario's object: ${JSON.stringify({ outcome, manifest })}`);
  return { type: 'set', object: outcome.object };
}
