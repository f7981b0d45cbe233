/**
 * Converts plain values, parsed from YAML or JSON, into the objects of `../objects.ts`. Fills in the defaults of
 * Kubernetes 1.37 and validates as its API server does on create, for every field that routing and local pods read. The
 * caller expands Lists (`kind: List`).
 *
 * @module
 */

import { isRecord } from '../../data/index.ts';
import type { ReadOptions, ReadOutcome } from '../fault.ts';
import type { Kind, KubeObject } from '../objects.ts';
import { readEndpoints } from './endpoints.ts';
import { Field, Report } from './field.ts';
import { readNode } from './node.ts';
import { readPod } from './pod.ts';
import { readService } from './service.ts';
import { readEndpointSlice } from './slice.ts';
import { readConfigMap, readNamespaceObject, readServiceCIDR } from './small-kinds.ts';
import { readWorkload } from './workload.ts';

interface Reader {
  readonly apiVersions: readonly string[];
  readonly read: (root: Field, options: ReadOptions) => KubeObject;
}

const READERS: Readonly<Record<Kind, Reader>> = {
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
  const reader = isKind(kind) ? READERS[kind] : undefined;
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

function isKind(kind: string): kind is Kind {
  return Object.hasOwn(READERS, kind);
}

export type { Fault, ReadOptions, ReadOutcome } from '../fault.ts';
export { Field, Report } from './field.ts';
export { nearestName } from './nearest.ts';
export { readPodSpec } from './pod.ts';
export { type Expression, expressionsMatch, readExpressions } from './selector-expressions.ts';
