import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments } from 'yaml';

/** 1-based. */
export interface Position {
  readonly line: number;
  readonly col: number;
}

/** One YAML document as plain values, with a way back from a field to its place. */
export interface YamlDocument {
  readonly value: unknown;
  /** The place of a field such as `spec.ports[1].targetPort`, or of the nearest of its parents that exists. */
  locate(field: string): Position;
}

export interface YamlError extends Position {
  readonly why: string;
}

/** The most nodes that aliases may expand to in one document; real manifests use a handful. */
const MOST_ALIASES = 100;

/**
 * Reads YAML (or JSON, which is YAML) as Kubernetes' tools read it: YAML 1.1 booleans and merge keys, but no
 * sexagesimal numbers and no timestamps, which Go's reader has neither.
 */
export function readYaml(text: string): { documents: YamlDocument[]; errors: YamlError[] } {
  const lines = new LineCounter();
  const position = (offset: number): Position => {
    const at = lines.linePos(offset);
    return { line: Math.max(1, at.line), col: Math.max(1, at.col) };
  };
  const documents: YamlDocument[] = [];
  const errors: YamlError[] = [];
  const parsed = parseAllDocuments(text, {
    lineCounter: lines,
    version: '1.1',
    merge: true,
    prettyErrors: false,
    logLevel: 'silent',
    customTags: tags =>
      tags.filter(tag => {
        if (typeof tag === 'string') return true;
        return tag.format !== 'TIME' && !FOREIGN_TAGS.has(tag.tag);
      }),
  });
  // An empty stream is an object with that mark, not a list of documents.
  if (!Array.isArray(parsed)) return { documents, errors };
  for (const document of parsed) {
    if (document.errors.length > 0) {
      for (const error of document.errors) errors.push({ ...position(error.pos[0]), why: sentence(error.message) });
      continue;
    }
    try {
      const value: unknown = document.toJS({ maxAliasCount: MOST_ALIASES });
      documents.push({ value, locate: field => position(locate(document, field)) });
    } catch (error) {
      if (!(error instanceof ReferenceError)) throw error;
      const start = position(document.contents?.range?.[0] ?? 0);
      errors.push({ ...start, why: `its aliases (*name) expand to more than ${MOST_ALIASES} copies` });
    }
  }
  return { documents, errors };
}

const FOREIGN_TAGS = new Set(['timestamp', 'binary', 'omap', 'pairs', 'set'].map(name => `tag:yaml.org,2002:${name}`));

function sentence(message: string): string {
  return message.replace(/\s+/g, ' ').replace(/[.:]$/, '');
}

function locate(document: Document, field: string): number {
  let node: unknown = document.contents;
  let offset = rangeStart(node) ?? 0;
  for (const segment of segments(field)) {
    if (isMap(node)) {
      const pair = node.items.find(item => isScalar(item.key) && String(item.key.value) === segment);
      if (pair === undefined) return offset;
      offset = rangeStart(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(segment)];
      if (node === undefined) return offset;
      offset = rangeStart(node) ?? offset;
    } else return offset;
  }
  return offset;
}

function rangeStart(node: unknown): number | undefined {
  const candidate = node as Node | null | undefined;
  return typeof candidate === 'object' && candidate !== null ? candidate.range?.[0] : undefined;
}

/** `spec.ports[1].name` -> spec, ports, 1, name. A key in brackets may hold dots: `metadata.labels[app.io/name]`. */
export function segments(field: string): string[] {
  return [...field.matchAll(/\[([^\]]*)\]|([^.[\]]+)/g)].map(match => match[1] ?? match[2] ?? '');
}
