import { PROTOCOLS, type Protocol } from '../protocol.ts';
import type { Field } from './field.ts';
import { choices, shown } from './wording.ts';

/**
 * One of the API's words.
 *
 * @returns undefined if it is absent, or is a word that the API does not know, which is a fault by then
 */
export function readChoice<const T extends string>(field: Field, allowed: readonly T[]): T | undefined {
  const text = field.string();
  if (text === undefined) return undefined;
  const found = allowed.find(name => name === text);
  if (found === undefined) {
    const meant = allowed.find(name => name.toLowerCase() === text.toLowerCase());
    const fix = meant === undefined ? `write ${choices(allowed)}` : `write ${meant}, exactly so`;
    field.fault(`${shown(text)} is not one of ${choices(allowed)}`, fix);
  }
  return found;
}

/** The same, where empty text means the default as well as no text does. */
export function readChoiceOr<const T extends string>(field: Field, allowed: readonly T[], fallback: T): T | undefined {
  return field.isSet && field.string() !== '' ? readChoice(field, allowed) : fallback;
}

export function readProtocol(field: Field): Protocol | undefined {
  return readChoiceOr(field, PROTOCOLS, 'TCP');
}
