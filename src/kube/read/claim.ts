import type { PersistentVolumeClaim } from '../claims.ts';
import type { ReadOptions } from '../fault.ts';
import type { Field } from './field.ts';
import { OBJECT_FIELDS } from './known-fields.ts';
import { readAnnotations, readLabels, readMeta } from './meta.ts';
import { readClaimSpec } from './running/claim-spec.ts';

export function readClaim(root: Field, options: ReadOptions): PersistentVolumeClaim {
  root.noteUnknownFields(OBJECT_FIELDS);
  return {
    kind: 'PersistentVolumeClaim',
    meta: readMeta(root.child('metadata'), options, { scope: 'namespaced' }),
    spec: readClaimSpec(root.child('spec').forRunning()),
  };
}

/** A claim that a StatefulSet makes for each pod. The API does not validate its metadata. */
export function readClaimTemplate(item: Field, options: ReadOptions): Pick<PersistentVolumeClaim, 'meta' | 'spec'> {
  item.noteUnknownFields(OBJECT_FIELDS);
  const meta = item.child('metadata');
  return {
    meta: {
      name: meta.child('name').string() ?? '',
      namespace: options.defaultNamespace,
      labels: readLabels(meta.child('labels')) ?? {},
      annotations: readAnnotations(meta.child('annotations')),
      owners: [],
    },
    spec: readClaimSpec(item.child('spec')),
  };
}
