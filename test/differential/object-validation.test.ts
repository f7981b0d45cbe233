/**
 * The same as for Services, for the fields that are read of Pods, workloads, EndpointSlices and Endpoints: accepted
 * and refused as a real API server does, with the same fields named and the same meaning.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ReadOutcome } from '../../src/kube/read/index.ts';
import * as known from '../../src/kube/read/known-fields.ts';
import {
  type ControlPlane,
  controlPlaneMissing,
  type KubernetesVersion,
  startControlPlane,
} from '../../testing/control-plane/index.ts';
import { applying, type Case, compareAll, type OnPurpose, type Renamed, type Rules } from './compare.ts';
import { endpointsCases, sliceCases } from './object-cases/endpoints.ts';
import { podCases } from './object-cases/pods.ts';
import { configMapCases, namespaceCases, nodeCases, serviceCidrCases } from './object-cases/small-kinds.ts';
import { deploymentCases, statefulSetCases } from './object-cases/workloads.ts';

/** The intended differences from the server. */
export const ON_PURPOSE: readonly OnPurpose[] = applying<OnPurpose>([
  {
    why: 'Kubernetes 1.36 and later reject ambiguous addresses and ranges, and so do we.',
    side: 'ours',
    field: /\baddresses\[\d+\](\.ip)?$/,
    says: /which Kubernetes 1\.36 and later reject/,
    kubernetes: ['1.34'],
  },
  {
    why: 'Switchboard runs containers as local processes, so a container without an image only gets a note.',
    side: 'api',
    field: /ontainers\[\d+\]\.image$/,
    says: /Required value/,
  },
  {
    why: 'On a laptop users want to reach a process on loopback, so such an endpoint only gets a note.',
    side: 'api',
    field: /\baddresses\[\d+\](\.ip)?$/,
    says: /may not be in the loopback range/,
  },
  {
    why: 'The server reports the whole selector in addition to its invalid part.',
    side: 'api',
    field: /^spec\.selector$/,
    says: /invalid label selector/,
  },
  {
    why: 'A missing selector is reported once, and not also as one that does not match the template.',
    side: 'api',
    field: /^spec\.template\.metadata\.labels$/,
    says: /Invalid value: \{"app":"web"\}: `selector` does not match/,
  },
  {
    why: 'The server copies the name of a namespace into a label, and then reports both.',
    side: 'api',
    field: /^metadata\.labels$/,
    says: /Invalid value: "a{64}"/,
  },
  {
    why: 'The server compares the families of ranges although one is invalid.',
    side: 'api',
    field: /^spec\.podCIDRs$/,
    says: /invalid CIDR address|may specify no more than one CIDR for each IP family/,
  },
]);

export const RENAMED: readonly Renamed[] = [
  {
    why: "The server omits a template's metadata from its paths.",
    api: /^spec\.template\.(labels|annotations)$/,
    ours: 'spec.template.metadata.$1',
  },
  {
    why: 'The server does not name the address.',
    api: /^(endpoints\[\d+\]\.addresses)$/,
    says: /must be an IPv[46] address/,
    ours: '$1[*]',
  },
];

/** The API server adds it to every new Node (admission plugin TaintNodesByCondition). */
const TAINT_OF_NEW_NODES = 'node.kubernetes.io/not-ready';

/** The object without the uid, times and taint that only a control plane sets. */
function meaning(outcome: ReadOutcome): unknown {
  if (outcome.status !== 'read') return undefined;
  const { object } = outcome;
  const { meta, ...rest } = object;
  const own = object.kind === 'Node' ? { taints: object.taints.filter(key => key !== TAINT_OF_NEW_NODES) } : {};
  return { ...rest, ...own, name: meta.name, namespace: meta.namespace, labels: meta.labels };
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

/** Fields that older versions of the API do not have and drop. */
const NEWER_FIELDS: Readonly<Partial<Record<KubernetesVersion, readonly string[]>>> = {
  '1.34': ['evictionResponders', 'schedulingGroup', 'protocol', 'mode'],
};

const CORE = 'io.k8s.api.core.v1';
const DISCOVERY = 'io.k8s.api.discovery.v1';
const APPS = 'io.k8s.api.apps.v1';

const DEFINITIONS: readonly (readonly [definition: string, fields: readonly string[]])[] = [
  [`${CORE}.Service`, known.OBJECT_FIELDS],
  ['io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta', known.META_FIELDS],
  [`${CORE}.ServiceSpec`, known.SERVICE_SPEC_FIELDS],
  [`${CORE}.ServicePort`, known.SERVICE_PORT_FIELDS],
  [`${CORE}.PodSpec`, known.POD_SPEC_FIELDS],
  [`${CORE}.Container`, known.CONTAINER_FIELDS],
  [`${CORE}.ContainerPort`, known.CONTAINER_PORT_FIELDS],
  [`${CORE}.Probe`, known.PROBE_FIELDS],
  [`${CORE}.HTTPGetAction`, known.HTTP_GET_FIELDS],
  [`${CORE}.TCPSocketAction`, known.TCP_SOCKET_FIELDS],
  [`${CORE}.ExecAction`, known.EXEC_FIELDS],
  [`${CORE}.GRPCAction`, known.GRPC_FIELDS],
  [`${CORE}.EnvVar`, known.ENV_FIELDS],
  [`${CORE}.EnvVarSource`, known.ENV_SOURCE_FIELDS],
  [`${CORE}.EnvFromSource`, known.ENV_FROM_FIELDS],
  [`${CORE}.PodTemplateSpec`, known.TEMPLATE_FIELDS],
  [`${CORE}.Endpoints`, known.ENDPOINTS_FIELDS],
  [`${CORE}.EndpointSubset`, known.SUBSET_FIELDS],
  [`${CORE}.EndpointAddress`, known.ENDPOINTS_ADDRESS_FIELDS],
  [`${CORE}.EndpointPort`, known.SLICE_PORT_FIELDS],
  [`${CORE}.ConfigMap`, known.CONFIG_MAP_FIELDS],
  [`${DISCOVERY}.EndpointSlice`, known.SLICE_FIELDS],
  [`${DISCOVERY}.Endpoint`, known.SLICE_ENDPOINT_FIELDS],
  [`${DISCOVERY}.EndpointPort`, known.SLICE_PORT_FIELDS],
  [`${DISCOVERY}.EndpointConditions`, known.SLICE_CONDITION_FIELDS],
  ...Object.entries(known.WORKLOAD_SPEC_FIELDS).map(([kind, fields]) => [`${APPS}.${kind}Spec`, fields] as const),
];

function propertiesOf(openapi: unknown, definition: string): string[] {
  let value = openapi;
  for (const step of ['definitions', definition, 'properties'])
    value = Object.entries(value ?? {}).find(([key]) => key === step)?.[1];
  return Object.keys(value ?? {});
}

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

  test('knows the same fields as the API', async () => {
    const { json } = await plane.request('GET', '/openapi/v2');
    const newer = NEWER_FIELDS[plane.version] ?? [];
    const met = new Set<string>();
    for (const [definition, fields] of DEFINITIONS) {
      const there = propertiesOf(json, definition);
      const missing = newer.filter(field => fields.includes(field) && !there.includes(field));
      for (const field of missing) met.add(field);
      expect([...fields].sort(), definition).toEqual([...there, ...missing].sort());
    }
    expect([...met].sort(), 'every field of the table is one that this version lacks').toEqual([...newer].sort());
  });

  test('every intended difference still occurs', () => {
    expect([...ON_PURPOSE, ...RENAMED].filter(entry => !used.has(entry))).toEqual([]);
  });
});
