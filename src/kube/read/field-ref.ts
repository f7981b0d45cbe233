import type { Field } from './field.ts';
import { qualifiedNameProblem } from './grammar.ts';
import { choices, shown } from './wording.ts';

/** Reads a `fieldRef`: a field of the pod, or one of its labels or annotations. */
export function readFieldPath(field: Field, allowed: readonly string[]): string {
  const pathField = field.child('fieldPath');
  const path = pathField.string() ?? '';
  if (!pathField.isText) return path;
  const fix = `write ${choices([...allowed, "metadata.labels['KEY']", "metadata.annotations['KEY']"])}`;
  if (path === '') {
    pathField.fault('the path is missing', fix);
    return path;
  }
  const version = field.child('apiVersion').text();
  if (version !== undefined && version !== 'v1') {
    pathField.fault(`apiVersion ${shown(version)} does not contain pods`, 'remove apiVersion, or write v1');
    return path;
  }
  const keyed = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(path);
  if (keyed === null) {
    if (!allowed.includes(path)) pathField.fault(`${shown(path)} is not a field that fieldRef supports`, fix);
    return path;
  }
  const key = keyed[2] ?? '';
  const problem = qualifiedNameProblem(keyed[1] === 'labels' ? key : key.toLowerCase());
  if (problem !== undefined) field.fault(`the key ${shown(key)} ${problem}`, fix);
  return path;
}
