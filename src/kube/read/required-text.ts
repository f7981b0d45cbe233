import type { Field } from './field.ts';

/** Reads required text. */
export function readRequired(field: Field, what: string): string {
  const text = field.string() ?? '';
  if (text === '' && field.isText) field.fault(`the ${what} is missing`, `write ${field.name}`);
  return text;
}
