/**
 * The same as for Services, for the fields that are read of Pods, workloads, EndpointSlices and Endpoints: accepted
 * and refused as a real Kubernetes 1.34 API server does, with the same fields named and the same meaning.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ReadOutcome } from '../../src/kube/read/index.ts';
import { type ControlPlane, controlPlaneMissing, startControlPlane } from '../support/control-plane.ts';
import { type Case, compareAll, type OnPurpose, type Renamed, type Rules } from './compare.ts';
import {
  configMapCases,
  deploymentCases,
  endpointsCases,
  namespaceCases,
  nodeCases,
  podCases,
  serviceCidrCases,
  sliceCases,
  statefulSetCases,
} from './object-cases.ts';

/** Where we differ from the server, and mean to. */
export const ON_PURPOSE: readonly OnPurpose[] = [
  {
    why: 'No image is run here, so that a container without one is noted and not refused.',
    side: 'api',
    field: /ontainers\[\d+\]\.image$/,
    says: /Required value/,
  },
  {
    why: 'A process on loopback is what people want to reach on a laptop, so that such an endpoint is noted.',
    side: 'api',
    field: /\baddresses\[\d+\](\.ip)?$/,
    says: /may not be in the loopback range/,
  },
  {
    why: 'The server names a selector as a whole beside the part of it that is wrong.',
    side: 'api',
    field: /^spec\.selector$/,
    says: /invalid label selector/,
  },
  {
    why: 'A selector that is missing is said once, and not as one that does not match the template besides.',
    side: 'api',
    field: /^spec\.template\.metadata\.labels$/,
    says: /Invalid value: \{"app":"web"\}: `selector` does not match/,
  },
  {
    why: 'The server puts the name of a namespace into a label, and then minds the label as well as the name.',
    side: 'api',
    field: /^metadata\.labels$/,
    says: /Invalid value: "a{64}"/,
  },
  {
    why: 'The server compares the families of ranges of which one is none.',
    side: 'api',
    field: /^spec\.podCIDRs$/,
    says: /invalid CIDR address|may specify no more than one CIDR for each IP family/,
  },
];

export const RENAMED: readonly Renamed[] = [
  {
    why: 'The server leaves the metadata of a template out of its paths.',
    api: /^spec\.template\.(labels|annotations)$/,
    ours: 'spec.template.metadata.$1',
  },
  {
    why: 'The server leaves out which address it means.',
    api: /^(endpoints\[\d+\]\.addresses)$/,
    says: /must be an IPv[46] address/,
    ours: '$1[*]',
  },
];

/** All that is read, but for the uid and times that only a control plane gives. */
function meaning(outcome: ReadOutcome): unknown {
  if (outcome.status !== 'read') return undefined;
  const { meta, ...rest } = outcome.object;
  return { ...rest, name: meta.name, namespace: meta.namespace, labels: meta.labels };
}

const RULES: Rules = { onPurpose: ON_PURPOSE, renamed: RENAMED, meaning };

const KINDS: readonly (readonly [kind: string, collection: string, cases: () => readonly Case[]])[] = [
  ['Pods', '/api/v1/namespaces/default/pods', podCases],
  ['Deployments', '/apis/apps/v1/namespaces/default/deployments', deploymentCases],
  ['StatefulSets', '/apis/apps/v1/namespaces/default/statefulsets', statefulSetCases],
  ['EndpointSlices', '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices', sliceCases],
  ['Endpoints', '/api/v1/namespaces/default/endpoints', endpointsCases],
  ['ConfigMaps', '/api/v1/namespaces/default/configmaps', configMapCases],
  ['Namespaces', '/api/v1/namespaces', namespaceCases],
  ['Nodes', '/api/v1/nodes', nodeCases],
  ['ServiceCIDRs', '/apis/networking.k8s.io/v1/servicecidrs', serviceCidrCases],
];

const skipped = controlPlaneMissing();

describe.skipIf(skipped !== undefined)('other objects, against a real API server', () => {
  let plane: ControlPlane;
  const used = new Set<OnPurpose | Renamed>();
  beforeAll(async () => {
    plane = await startControlPlane();
  });
  afterAll(() => plane?.stop());

  test.each(KINDS)('%s', async (_kind, collection, cases) => {
    const comparison = await compareAll(plane, collection, { cases: cases(), rules: RULES });
    for (const entry of comparison.used) used.add(entry);
    expect(comparison.differences).toEqual([]);
    expect(Math.min(comparison.accepted, comparison.refused)).toBeGreaterThan(1);
  });

  test('every difference on purpose still happens', () => {
    expect([...ON_PURPOSE, ...RENAMED].filter(entry => !used.has(entry))).toEqual([]);
  });
});
