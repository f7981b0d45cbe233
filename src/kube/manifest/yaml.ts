import {
  boolYaml11Tag,
  CORE_SCHEMA,
  constructFromEvents,
  defineScalarTag,
  EVENT_ID,
  intCoreTag,
  mergeTag,
  parseEvents,
  YAMLException,
} from 'js-yaml';
import { parseJson } from '../../data/index.ts';
import { type Position, placeOf, positionAt, startOf } from './places.ts';

/** One YAML document as plain values, with the positions of its fields. */
export interface YamlDocument {
  readonly value: unknown;
  /** Returns the position of a field such as `spec.ports[1].targetPort`, or of its nearest existing parent. */
  locate(field: string): Position;
}

export interface YamlError extends Position {
  readonly why: string;
}

/** Limit for the values that a text's aliases expand to; real manifests use a handful. */
const MAX_EXPANDED_VALUES = 100_000;

/** A leading 0 makes a number octal, as in YAML 1.1: the modes of files are written `0644`. */
const intTag = defineScalarTag('tag:yaml.org,2002:int', {
  ...intCoreTag,
  resolve: (source, isExplicit, tagName) => {
    const octal = /^([-+]?)0([0-7]+)$/.exec(source);
    if (octal === null) return intCoreTag.resolve(source, isExplicit, tagName);
    return (octal[1] === '-' ? -1 : 1) * Number.parseInt(octal[2] ?? '', 8);
  },
});

/**
 * The YAML of Kubernetes' tools (sigs.k8s.io/yaml): with the booleans of YAML 1.1 (`yes`, `on`), its octal numbers and merge
 * keys, without timestamps and sexagesimal numbers, so that `2026-01-01T00:00:00Z` and `21:22` are strings.
 */
const SCHEMA = CORE_SCHEMA.withTags(boolYaml11Tag, intTag, mergeTag);

/**
 * Parses text with any number of documents. Computes positions on demand, since few objects have faults or notes.
 */
export function readYaml(text: string): { documents: YamlDocument[]; errors: YamlError[] } {
  try {
    const { values, aliased } = readValues(text);
    if (!aliased || !expandsTooFar(values)) {
      const documents = values.map((value, index) => ({
        value,
        // Fast path for the start of the only document, which every object needs.
        locate: (field: string) => (field === '' && values.length === 1 ? startOf(text) : placeOf(text, index, field)),
      }));
      return { documents, errors: [] };
    }
    const why = `its aliases (*name) expand to more than ${MAX_EXPANDED_VALUES} values`;
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

/** Parses JSON with the much faster JSON parser; leaves anything else to the YAML parser. */
function readJson(text: string): unknown {
  return /^\s*[{[]/.test(text) ? parseJson(text) : undefined;
}

/** Aliases share values, so a small text can expand to more values than fit in memory once a caller walks them. */
function expandsTooFar(values: readonly unknown[]): boolean {
  const pending = [...values];
  for (let count = 0; pending.length > 0; count += 1) {
    // Iterative and bounded, since an alias may contain itself.
    if (count > MAX_EXPANDED_VALUES) return true;
    const value = pending.pop();
    if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) pending.push(inner);
  }
  return false;
}
