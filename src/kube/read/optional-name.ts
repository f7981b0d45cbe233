import type { Field } from './field.ts';
import { shown } from './wording.ts';

/**
 * Reads an optional name and faults an invalid one.
 *
 * @param name by default empty text counts as absent
 */
export function readOptionalName(
  field: Field,
  problemOf: (name: string) => string | undefined,
  name: string | undefined = field.text(),
): string | undefined {
  const problem = name === undefined ? undefined : problemOf(name);
  if (problem !== undefined) field.fault(`${shown(name)} ${problem}`, 'choose another name, or remove it');
  return name;
}
