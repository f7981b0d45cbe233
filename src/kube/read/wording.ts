/** How faults and notes show values and choices. */

const MAX_SHOWN_LENGTH = 64;

/** A value for messages: strings in quotes, long values shortened. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  if (text.length <= MAX_SHOWN_LENGTH) return text;
  const cut = `${text.slice(0, MAX_SHOWN_LENGTH - 4)}...`;
  return typeof value === 'string' ? `${cut}"` : cut;
}

/** Longer than any text without values; a manifest can put 300 kB into a name. */
const MAX_TEXT_LENGTH = 500;

/** A text that may contain values of a manifest, cut if it is far too long. */
export function bounded(text: string, maxLength = MAX_TEXT_LENGTH): string {
  return text.length <= maxLength ? text : `${text.slice(0, maxLength - 3)}...`;
}

/** A field's name for messages, in quotes if it contains unusual characters or is long. */
export function shownName(name: string): string {
  return /^[\w./[\]-]+$/.test(name) && name.length <= MAX_SHOWN_LENGTH ? name : shown(name);
}

/** The JSON type of a value, with its article. */
export function typeInWords(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  switch (typeof value) {
    case 'string':
      return 'text';
    case 'number':
      return Number.isInteger(value) ? 'a whole number' : 'a number with a fraction';
    case 'boolean':
      return 'a boolean';
    case 'object':
      return 'a mapping';
    default:
      return `a ${typeof value}`;
  }
}

/** Why YAML took for a boolean what was meant as text: `N`, `yes`, `on`; `''` for other values. */
export function booleanReading(value: unknown): string {
  if (typeof value !== 'boolean') return '';
  return `: YAML reads ${value ? 'Y, yes and on' : 'N, no and off'} without quotes as ${value}`;
}

/** How to write a scalar of another type as text. What a boolean was meant as cannot be known. */
export function quotesFix(name: string, value: unknown): string {
  const example = typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);
  return `put it in quotes${typeof value === 'boolean' ? ', as in' : ':'} ${shownName(name)}: ${shown(example)}`;
}

/** `A, B or C` */
export function choices(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}
