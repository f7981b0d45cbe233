/**
 * Converts plain values, parsed from YAML or JSON, into the objects of `../objects.ts`. Fills in the defaults of
 * Kubernetes 1.37 and validates as its API server does on create, for every field that routing reads, and with `run` also
 * for those that running pods reads. The caller expands Lists (`kind: List`).
 *
 * @module
 */

import { isRecord } from '../../data/index.ts';
import type { ReadOptions, ReadOutcome } from '../fault.ts';
import type { KubeObject, RoutingKind, RunObject } from '../objects.ts';
import { readClaim } from './claim.ts';
import { readEndpoints } from './endpoints.ts';
import { Field, Report } from './field.ts';
import { readCronJob, readJob } from './job.ts';
import { readNode } from './node.ts';
import { readPod } from './pod.ts';
import { readSecret, readServiceAccount } from './secret.ts';
import { readService } from './service.ts';
import { readEndpointSlice } from './slice.ts';
import { readConfigMap, readNamespaceObject, readServiceCIDR } from './small-kinds.ts';
import { readWorkload } from './workload.ts';

interface Reader {
  readonly apiVersions: readonly string[];
  readonly read: (root: Field, options: ReadOptions) => KubeObject;
}

const READERS: Readonly<Record<RoutingKind, Reader>> = {
  Service: { apiVersions: ['v1'], read: readService },
  Pod: { apiVersions: ['v1'], read: readPod },
  Endpoints: { apiVersions: ['v1'], read: readEndpoints },
  Node: { apiVersions: ['v1'], read: readNode },
  Namespace: { apiVersions: ['v1'], read: readNamespaceObject },
  ConfigMap: { apiVersions: ['v1'], read: readConfigMap },
  EndpointSlice: { apiVersions: ['discovery.k8s.io/v1'], read: readEndpointSlice },
  ServiceCIDR: { apiVersions: ['networking.k8s.io/v1', 'networking.k8s.io/v1beta1'], read: readServiceCIDR },
  Deployment: { apiVersions: ['apps/v1'], read: (root, options) => readWorkload(root, 'Deployment', options) },
  ReplicaSet: { apiVersions: ['apps/v1'], read: (root, options) => readWorkload(root, 'ReplicaSet', options) },
  StatefulSet: { apiVersions: ['apps/v1'], read: (root, options) => readWorkload(root, 'StatefulSet', options) },
  DaemonSet: { apiVersions: ['apps/v1'], read: (root, options) => readWorkload(root, 'DaemonSet', options) },
  ReplicationController: {
    apiVersions: ['v1'],
    read: (root, options) => readWorkload(root, 'ReplicationController', options),
  },
};

/** Only with `ReadOptions.run`. */
const RUN_READERS: Readonly<Record<RunObject['kind'], Reader>> = {
  Secret: { apiVersions: ['v1'], read: readSecret },
  ServiceAccount: { apiVersions: ['v1'], read: readServiceAccount },
  PersistentVolumeClaim: { apiVersions: ['v1'], read: readClaim },
  Job: { apiVersions: ['batch/v1'], read: readJob },
  CronJob: { apiVersions: ['batch/v1'], read: readCronJob },
};

/**
 * Reads one object.
 *
 * Reports no notes for an object with `metadata.uid`: a control plane has accepted it, and may know fields that this
 * version does not.
 */
export function readObject(value: unknown, options: ReadOptions): ReadOutcome {
  const report = new Report({ stored: hasUid(value) });
  const root = new Field(value, '', report);
  const kind = root.child('kind').string() ?? '';
  const apiVersion = root.child('apiVersion').string() ?? '';
  if (root.isMapping && kind === '' && apiVersion === '') {
    return { status: 'skipped', kind: 'a document without apiVersion and kind' };
  }
  const reader = readerOf(kind, options);
  if (kind !== '' && (reader === undefined || (apiVersion !== '' && !reader.apiVersions.includes(apiVersion)))) {
    return { status: 'skipped', kind: apiVersion === 'v1' || apiVersion === '' ? kind : `${apiVersion} ${kind}` };
  }
  const object = reader === undefined || apiVersion === '' ? undefined : reader.read(root, options);
  if (object === undefined && root.isMapping) {
    const field = root.child(kind === '' ? 'kind' : 'apiVersion');
    const fix = kind === '' ? 'write one, such as kind: Service' : `write apiVersion: ${reader?.apiVersions[0]}`;
    if (field.isText) field.fault(`the object has no ${field.name}`, fix);
  }
  const meta = root.child('metadata');
  const notes = report.stored ? [] : report.notes;
  if (object !== undefined && report.faults.length === 0) return { status: 'read', object, notes };
  return {
    status: 'rejected',
    kind: kind === '' ? 'an object without kind' : kind,
    namespace: object?.meta.namespace ?? meta.child('namespace').text() ?? '',
    name: object?.meta.name ?? meta.child('name').text() ?? '',
    faults: report.faults,
    notes,
  };
}

function hasUid(value: unknown): boolean {
  const meta = isRecord(value) ? value.metadata : undefined;
  return isRecord(meta) && typeof meta.uid === 'string' && meta.uid !== '';
}

function readerOf(kind: string, { run = false }: ReadOptions): Reader | undefined {
  if (isOf(READERS, kind)) return READERS[kind];
  return run && isOf(RUN_READERS, kind) ? RUN_READERS[kind] : undefined;
}

function isOf<T extends object>(readers: T, kind: string): kind is Extract<keyof T, string> {
  return Object.hasOwn(readers, kind);
}

export type { Fault, ReadOptions, ReadOutcome } from '../fault.ts';
export { Field, Report } from './field.ts';
export { nearestName } from './nearest.ts';
export { readPodSpec } from './pod.ts';
export { type Expression, expressionsMatch, readExpressions } from './selector-expressions.ts';
export { bounded, shown } from './wording.ts';
