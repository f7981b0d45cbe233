import { HOST_PATH_TYPES, type Volume, type VolumeSource } from '../../volumes.ts';
import { readChoice } from '../enums.ts';
import type { Field } from '../field.ts';
import { dnsLabelProblem } from '../grammar.ts';
import { readAnnotations, readLabels } from '../meta.ts';
import { readRequired } from '../required-text.ts';
import { shown } from '../wording.ts';
import { readClaimSpec } from './claim-spec.ts';
import {
  CLAIM_TEMPLATE_FIELDS,
  CLAIM_VOLUME_FIELDS,
  CONFIG_MAP_VOLUME_FIELDS,
  DOWNWARD_VOLUME_FIELDS,
  EMPTY_DIR_FIELDS,
  EPHEMERAL_FIELDS,
  HOST_PATH_FIELDS,
  SECRET_VOLUME_FIELDS,
  VOLUME_FIELDS,
  VOLUME_SOURCES,
} from './fields.ts';
import { readMode, requireNoBacksteps } from './paths.ts';
import { readProjected } from './projected.ts';
import { readAmount } from './resources.ts';
import { DEFAULT_FILE_MODE, noteUsers, readDownwardFiles, readKeysSource } from './volume-files.ts';

export interface VolumeRules {
  /** undefined for a template, whose pods have no names yet. */
  readonly podName?: string | undefined;
  readonly unsupported: Set<string>;
}

export function readVolumes(field: Field, { podName, unsupported }: VolumeRules): readonly Volume[] {
  const names = new Set<string>();
  const items = field.items();
  const volumes = items.map(item => {
    item.noteUnknownFields(VOLUME_FIELDS);
    return { name: readVolumeName(item.child('name'), names), source: readSource(item, unsupported) };
  });
  if (podName !== undefined) refuseOwnClaims(items, volumes, podName);
  return volumes;
}

function readVolumeName(field: Field, names: Set<string>): string {
  const name = readRequired(field, 'name');
  if (name === '') return name;
  const problem = dnsLabelProblem(name);
  if (problem !== undefined) field.fault(`${shown(name)} ${problem}`, 'choose another name');
  else if (names.has(name)) field.fault(`another volume is already named ${shown(name)}`, 'choose another name');
  names.add(name);
  return name;
}

/** The claim of an ephemeral volume is made for it, so no other volume may use it. */
function refuseOwnClaims(items: readonly Field[], volumes: readonly Volume[], podName: string): void {
  const made = volumes.flatMap(({ name, source }) => (source.kind === 'ephemeral' ? [`${podName}-${name}`] : []));
  for (const [index, { source }] of volumes.entries()) {
    if (source.kind !== 'persistentVolumeClaim' || !made.includes(source.claimName)) continue;
    items[index]
      ?.child('persistentVolumeClaim')
      .child('claimName')
      .fault(`${shown(source.claimName)} is the claim of an ephemeral volume of this pod`, 'name another claim');
  }
}

/** A volume without a source is an emptyDir. */
function readSource(volume: Field, unsupported: Set<string>): VolumeSource {
  const [type, ...others] = VOLUME_SOURCES.filter(name => volume.child(name).isSet);
  for (const other of others) volume.child(other).fault(`the volume already has ${type}`, 'keep one of them');
  return type === undefined ? { kind: 'emptyDir', medium: '' } : readSourceOf(volume.child(type), type, unsupported);
}

function readSourceOf(field: Field, type: string, unsupported: Set<string>): VolumeSource {
  switch (type) {
    case 'emptyDir': {
      field.noteUnknownFields(EMPTY_DIR_FIELDS);
      const sizeLimit = readAmount(field.child('sizeLimit'));
      const medium = field.child('medium').string() ?? '';
      if (field.child('mode').isSet) unsupported.add('volumes.emptyDir.mode');
      return { kind: type, medium, ...(sizeLimit === undefined ? {} : { sizeLimit }) };
    }
    case 'configMap':
      field.noteUnknownFields(CONFIG_MAP_VOLUME_FIELDS);
      noteUsers(field, `volumes.${type}`, unsupported);
      return { kind: type, defaultMode: readDefaultMode(field), ...readKeysSource(field, 'name') };
    case 'secret':
      field.noteUnknownFields(SECRET_VOLUME_FIELDS);
      noteUsers(field, `volumes.${type}`, unsupported);
      return { kind: type, defaultMode: readDefaultMode(field), ...readKeysSource(field, 'secretName') };
    case 'projected':
      return readProjected(field, readDefaultMode(field), unsupported);
    case 'downwardAPI':
      field.noteUnknownFields(DOWNWARD_VOLUME_FIELDS);
      noteUsers(field, `volumes.${type}`, unsupported);
      return { kind: type, defaultMode: readDefaultMode(field), items: readDownwardFiles(field.child('items')) };
    case 'hostPath': {
      field.noteUnknownFields(HOST_PATH_FIELDS);
      const path = readRequired(field.child('path'), 'path');
      requireNoBacksteps(field.child('path'), path);
      const typeField = field.child('type');
      return { kind: type, path, type: (path === '' ? undefined : readChoice(typeField, HOST_PATH_TYPES)) ?? '' };
    }
    case 'persistentVolumeClaim': {
      field.noteUnknownFields(CLAIM_VOLUME_FIELDS);
      const claimName = readRequired(field.child('claimName'), 'name of the claim');
      return { kind: type, claimName, readOnly: field.child('readOnly').boolean() ?? false };
    }
    case 'ephemeral':
      return readEphemeral(field);
    default:
      unsupported.add(`volumes.${type}`);
      return { kind: 'unsupported', type };
  }
}

function readDefaultMode(field: Field): number {
  return readMode(field.child('defaultMode')) ?? DEFAULT_FILE_MODE;
}

function readEphemeral(field: Field): VolumeSource {
  field.noteUnknownFields(EPHEMERAL_FIELDS);
  const template = field.child('volumeClaimTemplate');
  if (!template.isSet) {
    if (field.isMapping) template.fault('the claim is missing', 'write volumeClaimTemplate with a spec');
    return { kind: 'unsupported', type: 'ephemeral' };
  }
  template.noteUnknownFields(CLAIM_TEMPLATE_FIELDS);
  const meta = template.child('metadata');
  const claim = {
    labels: readLabels(meta.child('labels')) ?? {},
    annotations: readAnnotations(meta.child('annotations')),
    spec: readClaimSpec(template.child('spec')),
  };
  for (const name of ['name', 'namespace', 'generateName'] as const) {
    if (meta.child(name).text() !== undefined) {
      meta.child(name).fault('it cannot be set: the claim is named after the pod', 'remove it');
    }
  }
  return { kind: 'ephemeral', claim };
}
