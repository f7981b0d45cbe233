/**
 * Holds that Services are accepted and refused as a real Kubernetes 1.34 API server does, with the same fields named,
 * and that accepted ones mean the same. The server answers dry-run creates; nothing is stored.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ReadOutcome } from '../../src/kube/read/index.ts';
import { type ControlPlane, controlPlaneMissing, startControlPlane } from '../../testing/control-plane/index.ts';
import { applying, compareAll, type OnPurpose, type Renamed, type Rules } from './compare.ts';
import { randomCases, systematicCases } from './service-cases.ts';

/** The intended differences from the server. */
export const ON_PURPOSE: readonly OnPurpose[] = applying<OnPurpose>([
  {
    why: 'Kubernetes 1.36 and later reject ambiguous addresses and ranges, and so do we.',
    side: 'ours',
    field: /^spec\.(clusterIPs|externalIPs|loadBalancerSourceRanges)\[\d+\]$/,
    says: /which Kubernetes 1\.36 and later reject/,
    kubernetes: ['1.34'],
  },
  {
    why: 'The allowed cluster IPs are a setting of the cluster (ServiceCIDR), not a rule for Services.',
    side: 'api',
    field: /^spec\.clusterIPs$/,
    says: /failed to allocate IP/,
  },
  {
    why: 'A dry run does not check the range of a node port, but a real create rejects a number that is not a port.',
    side: 'ours',
    field: /^spec\.ports\[\d+\]\.nodePort$/,
    says: /is not a port number/,
  },
  {
    why: 'The server allocates one node port for two equal ports, and then also reports that as a duplicate.',
    side: 'api',
    field: /^spec\.ports\[\d+\]\.nodePort$/,
    says: /Duplicate value/,
  },
  {
    why: 'A name that starts with a digit only gets a note: later versions allow it (KEP-5311), and nothing here depends on it.',
    side: 'api',
    field: /^metadata\.name$/,
    says: /"1a": a DNS-1035 label/,
    kubernetes: ['1.34'],
  },
  {
    why: 'Switchboard does not generate names, so an object with only generateName has none.',
    side: 'ours',
    field: /^metadata\.name$/,
    says: /generateName/,
  },
  {
    why: 'A missing targetPort defaults to `port`; an invalid port is reported once, at the port.',
    side: 'api',
    field: /^spec\.ports\[\d+\]\.targetPort$/,
    says: /Invalid value: (0|-1|65536): must be between 1 and 65535/,
  },
]);

export const RENAMED: readonly Renamed[] = applying<Renamed>([
  {
    why: 'The server writes this field with a capital letter, which no manifest can have.',
    api: /^spec\.LoadBalancerSourceRanges/,
    ours: 'spec.loadBalancerSourceRanges',
  },
  {
    why: 'The server does not name the owner.',
    api: /^metadata\.ownerReferences\.(\w+)$/,
    ours: 'metadata.ownerReferences[0].$1',
    kubernetes: ['1.34'],
  },
]);

/** The parts that routing reads, without those that only a control plane allocates. */
function meaning(outcome: ReadOutcome): unknown {
  if (outcome.status !== 'read' || outcome.object.kind !== 'Service') return undefined;
  const { meta, ports, selector, clusterIPs: _allocated, healthCheckNodePort: _port, ...rest } = outcome.object;
  return {
    ...rest,
    name: meta.name,
    namespace: meta.namespace,
    labels: meta.labels,
    ports: ports.map(({ nodePort: _nodePort, ...port }) => port),
    // The API drops an empty selector; both forms select nothing.
    selector: Object.entries(selector ?? {}),
  };
}

const RULES: Rules = {
  onPurpose: ON_PURPOSE,
  renamed: RENAMED,
  // The API allocates families, cluster IPs and node ports before it validates.
  checkedFirst: ({ field, says }) =>
    /^spec\.(clusterIPs|ipFamilies|ipFamilyPolicy)\b/.test(field) || /provided port is already allocated/.test(says),
  meaning,
};

const SERVICES = '/api/v1/namespaces/default/services';
const skipped = controlPlaneMissing();

describe.skipIf(skipped !== undefined)('Services, against a real API server', () => {
  let plane: ControlPlane;
  beforeAll(async () => {
    plane = await startControlPlane({ serviceCidr: '10.96.0.0/12,fd00:96::/112' });
  });
  afterAll(() => plane?.stop());

  test('agrees on each plain Service with each single change', async () => {
    const cases = systematicCases();
    const { differences, accepted, refused, used } = await compareAll(plane, SERVICES, { cases, rules: RULES });
    expect(differences).toEqual([]);
    expect(Math.min(accepted, refused)).toBeGreaterThan(300);
    // A difference that no longer occurs must leave the table.
    expect([...ON_PURPOSE, ...RENAMED].filter(entry => !used.has(entry))).toEqual([]);
  });

  test('agrees on random Services with several changes at once', async () => {
    const cases = randomCases({ seed: 20_260_101, count: 600 });
    const { differences } = await compareAll(plane, SERVICES, { cases, rules: RULES });
    expect(differences).toEqual([]);
  });
});
