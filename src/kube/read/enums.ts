import { PROTOCOLS, type Protocol } from '../../net/index.ts';
import type { Field } from './field.ts';
import { choices, shown } from './wording.ts';

/**
 * Reads a value of an enum.
 *
 * @returns undefined if it is absent or unknown; the latter is reported as a fault
 */
export function readChoice<const T extends string>(field: Field, allowed: readonly T[]): T | undefined {
  const text = field.string();
  if (text === undefined) return undefined;
  const found = allowed.find(name => name === text);
  if (found === undefined) {
    const match = allowed.find(name => name.toLowerCase() === text.toLowerCase());
    const fix = match === undefined ? `write ${choices(allowed)}` : `write ${match}; case matters`;
    field.fault(`${shown(text)} is not one of ${choices(allowed)}`, fix);
  }
  return found;
}

/** As {@link readChoice}, where both an absent and an empty value mean the default. */
export function readChoiceOr<const T extends string>(field: Field, allowed: readonly T[], fallback: T): T | undefined {
  return field.isSet && field.string() !== '' ? readChoice(field, allowed) : fallback;
}

export function readProtocol(field: Field): Protocol | undefined {
  return readChoiceOr(field, PROTOCOLS, 'TCP');
}
