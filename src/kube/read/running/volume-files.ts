/** The files of volumes: keys of ConfigMaps and Secrets, and the downward API. */
import type { DownwardFile, KeysSource, KeyToPath } from '../../volumes.ts';
import type { Field } from '../field.ts';
import { readFieldPath } from '../field-ref.ts';
import { readRequired } from '../required-text.ts';
import { DOWNWARD_FILE_FIELDS, KEY_TO_PATH_FIELDS } from './fields.ts';
import { readMode, requireFilePath } from './paths.ts';
import { readResourceRef } from './resources.ts';

export const DEFAULT_FILE_MODE = 0o644;

/** @param nameField `secretName` of a Secret's volume, otherwise `name` */
export function readKeysSource(field: Field, nameField: 'name' | 'secretName'): KeysSource {
  const name = readRequired(field.child(nameField), nameField === 'name' ? 'name' : 'name of the Secret');
  const items = field.child('items').items().map(readKeyToPath);
  return {
    name,
    ...(items.length === 0 ? {} : { items }),
    optional: field.child('optional').boolean() ?? false,
  };
}

function readKeyToPath(item: Field): KeyToPath {
  item.noteUnknownFields(KEY_TO_PATH_FIELDS);
  const key = readRequired(item.child('key'), 'key');
  const path = readRequired(item.child('path'), 'path');
  requireFilePath(item.child('path'), path);
  const mode = readMode(item.child('mode'));
  return { key, path, ...(mode === undefined ? {} : { mode }) };
}

const FIELD_PATHS = [
  'metadata.name',
  'metadata.namespace',
  'metadata.labels',
  'metadata.annotations',
  'metadata.uid',
] as const;

export function readDownwardFiles(field: Field): readonly DownwardFile[] {
  return field.items().flatMap((item): readonly DownwardFile[] => {
    item.noteUnknownFields(DOWNWARD_FILE_FIELDS);
    const path = readRequired(item.child('path'), 'path');
    requireFilePath(item.child('path'), path);
    const mode = readMode(item.child('mode'));
    const file = { path, ...(mode === undefined ? {} : { mode }) };
    const fieldRef = item.child('fieldRef');
    const resourceRef = item.child('resourceFieldRef');
    if (fieldRef.isSet) {
      if (resourceRef.isSet) item.fault('fieldRef and resourceFieldRef are both set', 'keep one of them');
      return [{ ...file, kind: 'field', fieldPath: readFieldPath(fieldRef, FIELD_PATHS) }];
    }
    if (resourceRef.isSet) return [{ ...file, kind: 'resource', ref: readResourceRef(resourceRef, 'file') }];
    if (item.isMapping) item.fault('the file has no source', 'write fieldRef or resourceFieldRef below it');
    return [];
  });
}

/** Adds to `unsupported` what gives files to other users (Kubernetes 1.37). */
export function noteUsers(field: Field, path: string, unsupported: Set<string>): void {
  if (field.child('defaultUser').isSet) unsupported.add(`${path}.defaultUser`);
  if (
    field
      .child('items')
      .items()
      .some(item => item.child('user').isSet)
  ) {
    unsupported.add(`${path}.items.user`);
  }
}
