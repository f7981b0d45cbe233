import type { VolumeMount } from '../../volumes.ts';
import { readChoice } from '../enums.ts';
import type { Field } from '../field.ts';
import { readRequired } from '../required-text.ts';
import { shown } from '../wording.ts';
import { MOUNT_FIELDS } from './fields.ts';
import { requireDescendingPath } from './paths.ts';

export interface MountRules {
  /** Names of the pod's volumes. */
  readonly volumes: ReadonlySet<string>;
  readonly privileged: boolean;
  /** The field of the pod's spec that has the container. */
  readonly list: string;
  readonly unsupported: Set<string>;
}

export function readMounts(field: Field, rules: MountRules): readonly VolumeMount[] {
  const paths = new Set<string>();
  return field.items().map(item => readMount(item, paths, rules));
}

function readMount(
  item: Field,
  paths: Set<string>,
  { volumes, privileged, list, unsupported }: MountRules,
): VolumeMount {
  item.noteUnknownFields(MOUNT_FIELDS);
  const nameField = item.child('name');
  const name = readRequired(nameField, 'name of the volume');
  if (name !== '' && !volumes.has(name)) {
    nameField.fault(`the pod has no volume named ${shown(name)}`, 'add it to the volumes of the pod');
  }
  const mountPath = readRequired(item.child('mountPath'), 'path');
  if (mountPath !== '' && paths.has(mountPath)) {
    item.child('mountPath').fault(`another volume is mounted at ${shown(mountPath)}`, 'choose another path');
  }
  paths.add(mountPath);
  const subPath = readSubPath(item.child('subPath'));
  const subPathExpr = readSubPath(item.child('subPathExpr'));
  if (subPath !== undefined && subPathExpr !== undefined) {
    item.child('subPathExpr').fault('subPath and subPathExpr are both set', 'keep one of them');
  }
  const propagationField = item.child('mountPropagation');
  const propagation = readChoice(propagationField, ['None', 'HostToContainer', 'Bidirectional']) ?? 'None';
  if (propagation === 'Bidirectional' && !privileged) {
    propagationField.fault('Bidirectional is only allowed in privileged containers', 'remove it');
  }
  for (const unread of ['recursiveReadOnly', 'bindMountOptions']) {
    if (item.child(unread).isSet) unsupported.add(`${list}.volumeMounts.${unread}`);
  }
  return {
    name,
    mountPath,
    readOnly: item.child('readOnly').boolean() ?? false,
    ...(subPath === undefined ? {} : { subPath }),
    ...(subPathExpr === undefined ? {} : { subPathExpr }),
    mountPropagation: propagation,
  };
}

function readSubPath(field: Field): string | undefined {
  const path = field.text();
  if (path !== undefined) requireDescendingPath(field, path);
  return path;
}
