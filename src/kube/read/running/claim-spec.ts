import { ACCESS_MODES, type PersistentVolumeClaimSpec } from '../../claims.ts';
import { compareQuantities, roundUpToMilli, ZERO } from '../../quantity.ts';
import { readChoice } from '../enums.ts';
import type { Field } from '../field.ts';
import { dnsSubdomainProblem } from '../grammar.ts';
import { choices, shown } from '../wording.ts';
import { CLAIM_RESOURCES_FIELDS, CLAIM_SPEC_FIELDS } from './fields.ts';
import { readQuantity } from './resources.ts';

/** The spec of a PersistentVolumeClaim, or of a template of one. */
export function readClaimSpec(spec: Field): PersistentVolumeClaimSpec {
  spec.noteUnknownFields(CLAIM_SPEC_FIELDS);
  const storageClassName = readClassName(spec.child('storageClassName'));
  return {
    accessModes: readAccessModes(spec.child('accessModes')),
    volumeMode: readChoice(spec.child('volumeMode'), ['Filesystem', 'Block']) ?? 'Filesystem',
    ...(storageClassName === undefined ? {} : { storageClassName }),
    storage: readStorage(spec.child('resources')),
  };
}

type AccessModes = PersistentVolumeClaimSpec['accessModes'];

function readAccessModes(field: Field): AccessModes {
  const items = field.items();
  if (items.length === 0 && field.isList) field.fault('the claim has no access mode', 'write - ReadWriteOnce below it');
  const modes = items.flatMap(item => {
    const mode = item.string();
    const found = ACCESS_MODES.find(name => name === mode);
    // The API names the list here and not the item.
    if (found === undefined && item.isText) {
      field.fault(`${shown(mode ?? '')} is not an access mode`, `write ${choices(ACCESS_MODES)}`);
    }
    return found ?? [];
  });
  if (modes.includes('ReadWriteOncePod') && modes.some(mode => mode !== 'ReadWriteOncePod')) {
    field.fault('ReadWriteOncePod cannot be combined with other modes', 'keep one of them');
  }
  return modes;
}

/** Empty text is kept, since it means "no class". */
function readClassName(field: Field): string | undefined {
  const name = field.string();
  const problem = name === undefined || name === '' ? undefined : dnsSubdomainProblem(name);
  if (problem !== undefined) field.fault(`${shown(name)} ${problem}`, 'name a StorageClass, or remove it');
  return name;
}

function readStorage(resources: Field): PersistentVolumeClaimSpec['storage'] {
  resources.noteUnknownFields(CLAIM_RESOURCES_FIELDS);
  for (const [, item] of resources.child('limits').entries()) readQuantity(item);
  const requests = resources.child('requests');
  let storage = ZERO;
  let found = false;
  for (const [name, item] of requests.entries()) {
    const quantity = item.isSet ? readQuantity(item) : ZERO;
    if (name !== 'storage') continue;
    found = true;
    if (quantity === undefined) continue;
    storage = roundUpToMilli(quantity);
    if (compareQuantities(storage, ZERO) <= 0) item.fault('the claim requests no storage', 'write a size such as 1Gi');
  }
  if (!found && requests.isMapping) {
    requests.keyed('storage', undefined).fault('the size is missing', 'write storage: 1Gi below requests');
  }
  return storage;
}
