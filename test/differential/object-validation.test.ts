/**
 * The same as for Services, for the fields that are read of Pods, workloads, EndpointSlices and Endpoints: accepted
 * and refused as a real API server does, with the same fields named and the same meaning.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type ControlPlane,
  controlPlaneMissing,
  selectedVersion,
  startControlPlane,
} from '../../testing/control-plane/index.ts';
import { DEFINITIONS, NEWER_FIELDS } from './api-fields.ts';
import { type Case, compareAll, type OnPurpose, type Renamed, type Rules } from './compare.ts';
import { containerCases, templateCases } from './container-cases.ts';
import { endpointsCases, sliceCases } from './endpoint-cases.ts';
import { cronJobCases, jobCases } from './job-cases.ts';
import { meaning } from './meaning.ts';
import { ON_PURPOSE, RENAMED } from './object-differences.ts';
import { podCases } from './pod-cases.ts';
import { combinedCases, hostnameOverrideCases, podRunCases } from './pod-run-cases.ts';
import {
  claimCases,
  controllerCases,
  daemonSetCases,
  deploymentRollOutCases,
  maxUnavailableCases,
  statefulRollOutCases,
} from './roll-out-cases.ts';
import { binaryDataCases, secretCases, serviceAccountCases } from './secret-cases.ts';
import { configMapCases, namespaceCases, nodeCases, serviceCidrCases } from './small-cases.ts';
import { fileRefCases, volumeCases } from './volume-cases.ts';
import { deploymentCases, statefulSetCases } from './workload-cases.ts';

const RULES: Rules = { onPurpose: ON_PURPOSE, renamed: RENAMED, meaning };

const PODS = '/api/v1/namespaces/default/pods';
const APPS = '/apis/apps/v1/namespaces/default';

const KINDS: readonly (readonly [kind: string, collection: string, cases: () => readonly Case[]])[] = [
  ['Pods', PODS, podCases],
  ['Pods: volumes', PODS, volumeCases],
  ['Pods: containers', PODS, containerCases],
  ['Pods: DNS, security, namespaces', PODS, podRunCases],
  ['Pods: several changes at once', PODS, () => combinedCases(1500)],
  ['Deployments', `${APPS}/deployments`, deploymentCases],
  ['Deployments: roll-out', `${APPS}/deployments`, () => [...deploymentRollOutCases(), ...templateCases()]],
  ['StatefulSets', `${APPS}/statefulsets`, statefulSetCases],
  ['StatefulSets: roll-out', `${APPS}/statefulsets`, statefulRollOutCases],
  ['DaemonSets', `${APPS}/daemonsets`, daemonSetCases],
  ['ReplicationControllers', '/api/v1/namespaces/default/replicationcontrollers', controllerCases],
  ['Jobs', '/apis/batch/v1/namespaces/default/jobs', jobCases],
  ['CronJobs', '/apis/batch/v1/namespaces/default/cronjobs', cronJobCases],
  ['Secrets', '/api/v1/namespaces/default/secrets', secretCases],
  ['ServiceAccounts', '/api/v1/namespaces/default/serviceaccounts', serviceAccountCases],
  ['PersistentVolumeClaims', '/api/v1/namespaces/default/persistentvolumeclaims', claimCases],
  ['ConfigMaps: binary data', '/api/v1/namespaces/default/configmaps', binaryDataCases],
  ['EndpointSlices', '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices', sliceCases],
  ['Endpoints', '/api/v1/namespaces/default/endpoints', endpointsCases],
  ['ConfigMaps', '/api/v1/namespaces/default/configmaps', configMapCases],
  ['Namespaces', '/api/v1/namespaces', namespaceCases],
  ['Nodes', '/api/v1/nodes', nodeCases],
  ['ServiceCIDRs', '/apis/networking.k8s.io/v1/servicecidrs', serviceCidrCases],
];

/** Kubernetes 1.34 drops these fields unless a feature gate is on: it has nothing to be compared with. */
const SINCE_1_35: typeof KINDS = [
  ['Pods: files of variables', PODS, fileRefCases],
  ['Pods: hostnameOverride', PODS, hostnameOverrideCases],
  ['StatefulSets: maxUnavailable', `${APPS}/statefulsets`, maxUnavailableCases],
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

  const compare = async (collection: string, cases: readonly Case[]) => {
    const comparison = await compareAll(plane, collection, { cases, rules: RULES });
    for (const entry of comparison.used) used.add(entry);
    expect(comparison.differences).toEqual([]);
    expect(Math.min(comparison.accepted, comparison.refused)).toBeGreaterThan(1);
  };

  const kinds = selectedVersion() === '1.34' ? KINDS : [...KINDS, ...SINCE_1_35];
  test.each(kinds)('%s', (_kind, collection, cases) => compare(collection, cases()));

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
