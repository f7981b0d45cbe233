import {
  boolYaml11Tag,
  CORE_SCHEMA,
  constructFromEvents,
  EVENT_ID,
  mergeTag,
  parseEvents,
  YAMLException,
} from 'js-yaml';
import { type Position, placeOf, positionAt, startOf } from './places.ts';

/** One YAML document as plain values, with a way back from a field to its place. */
export interface YamlDocument {
  readonly value: unknown;
  /** The place of a field such as `spec.ports[1].targetPort`, or of the nearest of its parents that exists. */
  locate(field: string): Position;
}

export interface YamlError extends Position {
  readonly why: string;
}

/** Values that the aliases of one text may expand to; real manifests use a handful of them. */
const MOST_EXPANDED = 100_000;

/**
 * YAML as Kubernetes' tools read it (sigs.k8s.io/yaml): the booleans of YAML 1.1 (`yes`, `on`) and merge keys, but no
 * timestamps and no sexagesimal numbers, so that `2026-01-01T00:00:00Z` and `21:22` stay text.
 */
const SCHEMA = CORE_SCHEMA.withTags(boolYaml11Tag, mergeTag);

/**
 * Reads text with any number of documents. Places are looked for only when they are asked for: next to no object
 * has a fault, and a note is rare.
 */
export function readYaml(text: string): { documents: YamlDocument[]; errors: YamlError[] } {
  try {
    const { values, aliased } = readValues(text);
    if (!aliased || !expandsTooFar(values)) {
      const documents = values.map((value, index) => ({
        value,
        // The start of the only document is seen at once; it is asked for with every object.
        locate: (field: string) => (field === '' && values.length === 1 ? startOf(text) : placeOf(text, index, field)),
      }));
      return { documents, errors: [] };
    }
    const why = `its aliases (*name) expand to more than ${MOST_EXPANDED} values`;
    return { documents: [], errors: [{ ...startOf(text), why }] };
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const why = error.reason.replace(/\s+/g, ' ');
    return { documents: [], errors: [{ ...positionAt(text, error.mark?.position ?? 0), why }] };
  }
}

function readValues(text: string): { values: readonly unknown[]; aliased: boolean } {
  const json = readJson(text);
  if (json !== undefined) return { values: [json], aliased: false };
  const events = parseEvents(text, {});
  const values = constructFromEvents(events, { source: text, schema: SCHEMA });
  return { values, aliased: events.some(event => event.type === EVENT_ID.ALIAS) };
}

/** JSON is YAML, and much faster to read as what it is; what is no JSON after all is left to the YAML reader. */
function readJson(text: string): unknown {
  if (!/^\s*[{[]/.test(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

/** Aliases share their values, so a small text can mean more values than any memory holds: whoever walks it would. */
function expandsTooFar(values: readonly unknown[]): boolean {
  const waiting = [...values];
  for (let count = 0; waiting.length > 0; count += 1) {
    // An alias may hold itself, so this is no recursion, and ends in any case.
    if (count > MOST_EXPANDED) return true;
    const value = waiting.pop();
    if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) waiting.push(inner);
  }
  return false;
}
