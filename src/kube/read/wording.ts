/** How values and choices are written in faults and notes. */

const LONGEST_SHOWN = 64;

/** A value as a user knows it from the manifest: text in quotes, cut where it is long. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  if (text.length <= LONGEST_SHOWN) return text;
  const cut = `${text.slice(0, LONGEST_SHOWN - 4)}...`;
  return typeof value === 'string' ? `${cut}"` : cut;
}

/** A field's name, in quotes only if it would be misread without. */
export function shownName(name: string): string {
  return /^[\w./[\]-]+$/.test(name) && name.length <= LONGEST_SHOWN ? name : shown(name);
}

/** The JSON type of a value, with its article. */
export function articled(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  switch (typeof value) {
    case 'string':
      return 'text';
    case 'number':
      return Number.isInteger(value) ? 'a whole number' : 'a number with a fraction';
    case 'boolean':
      return 'true or false';
    case 'object':
      return 'a mapping';
    default:
      return `a ${typeof value}`;
  }
}

/** `A, B or C` */
export function choices(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}
