import type { ProjectedSource, VolumeSource } from '../../volumes.ts';
import type { Field } from '../field.ts';
import { readRequired } from '../required-text.ts';
import { choices, shown } from '../wording.ts';
import {
  DOWNWARD_PROJECTION_FIELDS,
  KEYS_PROJECTION_FIELDS,
  PROJECTED_FIELDS,
  PROJECTION_SOURCES,
  TOKEN_PROJECTION_FIELDS,
} from './fields.ts';
import { requireFilePath } from './paths.ts';
import { noteUsers, readDownwardFiles, readKeysSource } from './volume-files.ts';

const DEFAULT_TOKEN_SECONDS = 3600;
const MIN_TOKEN_SECONDS = 600;
const MAX_TOKEN_SECONDS = 2 ** 32;

/** Sources that share one folder. */
export function readProjected(field: Field, defaultMode: number, unsupported: Set<string>): VolumeSource {
  field.noteUnknownFields(PROJECTED_FIELDS);
  if (field.child('defaultUser').isSet) unsupported.add('volumes.projected.defaultUser');
  const sources = field
    .child('sources')
    .items()
    .flatMap(item => readProjections(item, unsupported));
  refuseSamePaths(field, sources);
  return { kind: 'projected', defaultMode, sources };
}

function refuseSamePaths(field: Field, sources: readonly ProjectedSource[]): void {
  const paths = new Set<string>();
  for (const path of sources.flatMap(pathsOf)) {
    if (path !== '' && paths.has(path)) field.fault(`two sources write the file ${shown(path)}`, 'rename one of them');
    paths.add(path);
  }
}

/** The paths that a source names. A token may share its path, as in the API. */
function pathsOf(source: ProjectedSource): readonly string[] {
  if (source.kind === 'unsupported' || source.kind === 'serviceAccountToken') return [];
  return (source.items ?? []).map(({ path }) => path);
}

function readProjections(item: Field, unsupported: Set<string>): readonly ProjectedSource[] {
  item.noteUnknownFields(PROJECTION_SOURCES);
  const types = PROJECTION_SOURCES.filter(type => item.child(type).isSet);
  if (types.length > 1) item.fault(`${choices(types)}: only one is allowed in a source`, 'write them as several items');
  return types.map(type => readProjection(item.child(type), type, unsupported));
}

function readProjection(field: Field, type: string, unsupported: Set<string>): ProjectedSource {
  switch (type) {
    case 'configMap':
    case 'secret':
      field.noteUnknownFields(KEYS_PROJECTION_FIELDS);
      noteUsers(field, `volumes.projected.${type}`, unsupported);
      return { kind: type, ...readKeysSource(field, 'name') };
    case 'downwardAPI':
      field.noteUnknownFields(DOWNWARD_PROJECTION_FIELDS);
      noteUsers(field, `volumes.projected.${type}`, unsupported);
      return { kind: type, items: readDownwardFiles(field.child('items')) };
    case 'serviceAccountToken':
      return readToken(field);
    default:
      unsupported.add(`volumes.projected.${type}`);
      return { kind: 'unsupported', type };
  }
}

function readToken(field: Field): ProjectedSource {
  field.noteUnknownFields(TOKEN_PROJECTION_FIELDS);
  const path = readRequired(field.child('path'), 'path');
  requireFilePath(field.child('path'), path);
  const expiration = field.child('expirationSeconds');
  const expirationSeconds = expiration.integer({ bits: 64 }) ?? DEFAULT_TOKEN_SECONDS;
  if (expirationSeconds < MIN_TOKEN_SECONDS || expirationSeconds > MAX_TOKEN_SECONDS) {
    const why = `${expirationSeconds} is not between ${MIN_TOKEN_SECONDS} and ${MAX_TOKEN_SECONDS} seconds`;
    expiration.fault(why, 'write 3600, or remove it');
  }
  const audience = field.child('audience').text();
  return { kind: 'serviceAccountToken', path, expirationSeconds, ...(audience === undefined ? {} : { audience }) };
}
