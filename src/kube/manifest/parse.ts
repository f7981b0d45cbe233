/**
 * Parses manifests into typed objects with their positions. Pure: text in, data out.
 *
 * @module
 */

import { isRecord } from '../../data/index.ts';
import type { Fault, ReadOptions } from '../fault.ts';
import { type KubeObject, keyOf } from '../objects.ts';
import { readObject } from '../read/index.ts';
import { bounded, typeInWords } from '../read/wording.ts';
import { splitDocuments } from './chunks.ts';
import type { Position } from './places.ts';
import { readYaml, type YamlDocument } from './yaml.ts';

/** An object and the positions of its fields in the whole text. Positions are computed on demand. */
export interface PlacedObject {
  readonly object: KubeObject;
  /** @param field such as `spec.ports[1].targetPort`; undefined: the start of the object */
  readonly position: (field?: string) => Position;
  /** The unparsed object; only with `keepValues`. */
  readonly value?: Readonly<Record<string, unknown>>;
}

/** An object of a kind that Switchboard does not use; only with `keepValues`. Lint reads some of these kinds. */
export interface PlacedValue {
  readonly value: Readonly<Record<string, unknown>>;
  readonly position: (field?: string) => Position;
}

export interface ParseOptions extends ReadOptions {
  /** Keeps the unparsed objects, too. This doubles the memory, so `up` does not set it. */
  readonly keepValues?: boolean;
}

/** A fault or a note with its position and its object (`''` if the text could not be parsed at all). */
export interface PlacedFault extends Position, Fault {
  readonly object: string;
}

export interface Manifest {
  readonly objects: readonly PlacedObject[];
  /** If there are any, callers must not use the text. */
  readonly faults: readonly PlacedFault[];
  readonly notes: readonly PlacedFault[];
  /** Kinds that Switchboard does not use, with the number of objects. */
  readonly skipped: ReadonlyMap<string, number>;
  /** The skipped objects with `keepValues`, otherwise empty. */
  readonly others: readonly PlacedValue[];
}

/** Results by document text. Pass the same map after an edit to parse only the changed documents. */
export type DocumentCache = Map<string, Manifest>;

/** Parses YAML or JSON with any number of documents, and flattens Lists. Never throws for bad input. */
export function parseManifest(text: string, options: ParseOptions, cache: DocumentCache = new Map()): Manifest {
  const previous = new Map(cache);
  cache.clear();
  const result = new Collector();
  for (const chunk of splitDocuments(text.startsWith('\uFEFF') ? text.slice(1) : text)) {
    const manifest = previous.get(chunk.text) ?? parseChunk(chunk.text, options);
    cache.set(chunk.text, manifest);
    result.add(manifest, chunk.lineOffset);
  }
  return result;
}

/** Reads objects that have no text, such as an API server's. Their position is line 0. */
export function manifestOfValues(values: readonly unknown[], options: ParseOptions): Manifest {
  const result = new Collector();
  for (const value of values) readDocument({ locate: () => NOWHERE }, value, '', options, result);
  return result;
}

/** Longer than nearly all names; what is cut has a position, too. */
const MAX_NAME_LENGTH = 80;
/** The YAML parser quotes aliases and tags. */
const MAX_ERROR_LENGTH = 120;

const NOWHERE: Position = { line: 0, col: 0 };

class Collector implements Manifest {
  readonly objects: PlacedObject[] = [];
  readonly faults: PlacedFault[] = [];
  readonly notes: PlacedFault[] = [];
  readonly skipped = new Map<string, number>();
  readonly others: PlacedValue[] = [];

  add(manifest: Manifest, lines: number): void {
    const moved = <T extends Position>(item: T): T => (lines === 0 ? item : { ...item, line: item.line + lines });
    const placed = <T extends { position: (field?: string) => Position }>(item: T): T =>
      lines === 0 ? item : { ...item, position: (field?: string) => moved(item.position(field)) };
    for (const object of manifest.objects) this.objects.push(placed(object));
    for (const other of manifest.others) this.others.push(placed(other));
    for (const fault of manifest.faults) this.faults.push(moved(fault));
    for (const note of manifest.notes) this.notes.push(moved(note));
    for (const [kind, count] of manifest.skipped) this.skip(kind, count);
  }

  skip(kind: string, count: number): void {
    this.skipped.set(kind, (this.skipped.get(kind) ?? 0) + count);
  }
}

function parseChunk(text: string, options: ParseOptions): Manifest {
  const result = new Collector();
  const { documents, errors } = readYaml(text);
  for (const error of errors) {
    const [why, fix] = [bounded(error.why, MAX_ERROR_LENGTH), 'correct the YAML or JSON here'];
    result.faults.push({ line: error.line, col: error.col, object: '', field: '', why, fix });
  }
  for (const document of documents) readDocument(document, document.value, '', options, result);
  return result;
}

function readDocument(
  document: Pick<YamlDocument, 'locate'>,
  value: unknown,
  at: string,
  options: ParseOptions,
  out: Collector,
): void {
  if (value === null || value === undefined) return;
  if (!isRecord(value)) {
    // Not the value: a private key is text, too.
    const why = `is ${typeInWords(value)}, not an object`;
    out.faults.push({
      ...document.locate(at),
      object: '',
      field: at,
      why,
      fix: 'a document needs apiVersion and kind',
    });
    return;
  }
  const items = listItems(value);
  if (items !== undefined) {
    items.forEach((item, index) => {
      readDocument(document, item, `${at === '' ? '' : `${at}.`}items[${index}]`, options, out);
    });
    return;
  }
  const position = (field = '') => document.locate(field === '' || at === '' ? `${at}${field}` : `${at}.${field}`);
  const place = (fault: Fault, object: string): PlacedFault => ({
    ...position(fault.field),
    ...fault,
    field: bounded(fault.field),
    why: bounded(fault.why),
    fix: bounded(fault.fix),
    object,
  });
  const outcome = readObject(value, options);
  switch (outcome.status) {
    case 'skipped':
      out.skip(bounded(outcome.kind, MAX_NAME_LENGTH), 1);
      if (options.keepValues === true) out.others.push({ value, position });
      return;
    case 'rejected': {
      const name = outcome.name === '' ? '(no name)' : bounded(keyOf(outcome), MAX_NAME_LENGTH);
      const object = `${outcome.kind} ${name}`;
      for (const fault of outcome.faults) out.faults.push(place(fault, object));
      return;
    }
    case 'read': {
      const { meta, kind } = outcome.object;
      const object = `${kind} ${keyOf(meta)}`;
      out.objects.push({ object: outcome.object, position, ...(options.keepValues === true ? { value } : {}) });
      for (const note of outcome.notes) out.notes.push(place(note, object));
    }
  }
}

/** `kind: List`, or a typed list such as ServiceList, whose items may omit apiVersion and kind. */
function listItems(value: Record<string, unknown>): unknown[] | undefined {
  const { kind, items, apiVersion } = value;
  if (typeof kind !== 'string' || !kind.endsWith('List') || !Array.isArray(items)) return undefined;
  if (kind === 'List') return items;
  const itemKind = kind.slice(0, -'List'.length);
  return items.map(item => (isRecord(item) ? { apiVersion, kind: itemKind, ...item } : item));
}
