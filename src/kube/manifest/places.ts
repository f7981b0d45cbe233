import { EVENT_ID, type Event, getScalarValue, parseEvents } from 'js-yaml';

/** 1-based. */
export interface Position {
  readonly line: number;
  readonly col: number;
}

/**
 * Returns the position of a field in one document of a text, or of its nearest existing parent. The text must be valid
 * YAML.
 */
export function placeOf(text: string, document: number, field: string): Position {
  const events = parseEvents(text, {});
  let at = nthDocument(events, document);
  if (at === -1) return startOf(text);
  at += 1;
  let offset = startOfNode(events[at]) ?? 0;
  for (const segment of segments(field)) {
    const found = child(text, events, at, segment);
    if (found === undefined) break;
    offset = found.offset;
    at = found.at;
  }
  return positionAt(text, offset);
}

/** Returns the first line that is not blank, a comment, a directive or a document marker. */
export function startOf(text: string): Position {
  let line = 0;
  for (const [whole, , rest = ''] of text.matchAll(/(?:^|\n)(---(?=[ \t\r\n]|$))?[ \t]*([^\n]*)/g)) {
    line += 1;
    if (rest.trim() !== '' && !rest.startsWith('#') && !rest.startsWith('%')) {
      return { line, col: whole.replace('\n', '').length - rest.length + 1 };
    }
  }
  return { line: 1, col: 1 };
}

export function positionAt(text: string, offset: number): Position {
  const before = text.slice(0, Math.max(0, offset));
  const lines = before.split('\n');
  return { line: lines.length, col: (lines.at(-1)?.length ?? 0) + 1 };
}

/** `spec.ports[1].name` -> spec, ports, 1, name. A key in brackets may contain dots: `metadata.labels[app.io/name]`. */
export function segments(field: string): string[] {
  return [...field.matchAll(/\[([^\]]*)\]|([^.[\]]+)/g)].map(match => match[1] ?? match[2] ?? '');
}

function nthDocument(events: readonly Event[], wanted: number): number {
  let seen = -1;
  return events.findIndex(event => {
    if (event.type === EVENT_ID.DOCUMENT) seen += 1;
    return seen === wanted;
  });
}

/** Finds the node that a segment names in the mapping or sequence at an index; `offset` is its position for messages. */
function child(text: string, events: readonly Event[], parent: number, segment: string) {
  const open = events[parent];
  if (open?.type === EVENT_ID.SEQUENCE) {
    let at = parent + 1;
    for (let index = 0; events[at] !== undefined && events[at]?.type !== EVENT_ID.POP; index += 1) {
      if (index === Number(segment)) return { at, offset: startOfNode(events[at]) ?? 0 };
      at = after(events, at);
    }
  } else if (open?.type === EVENT_ID.MAPPING) {
    let key = parent + 1;
    while (events[key] !== undefined && events[key]?.type !== EVENT_ID.POP) {
      const value = after(events, key);
      const event = events[key];
      if (event?.type === EVENT_ID.SCALAR && getScalarValue(text, event) === segment) {
        return { at: value, offset: event.valueStart };
      }
      key = after(events, value);
    }
  }
  return undefined;
}

/** Returns the index after a node and its content. */
function after(events: readonly Event[], node: number): number {
  let depth = 0;
  for (let at = node; at < events.length; at += 1) {
    const type = events[at]?.type;
    if (type === EVENT_ID.MAPPING || type === EVENT_ID.SEQUENCE) depth += 1;
    else if (type === EVENT_ID.POP) depth -= 1;
    if (depth === 0) return at + 1;
  }
  return events.length;
}

function startOfNode(event: Event | undefined): number | undefined {
  switch (event?.type) {
    case EVENT_ID.MAPPING:
    case EVENT_ID.SEQUENCE:
      return event.start;
    case EVENT_ID.SCALAR:
      return event.valueStart;
    case EVENT_ID.ALIAS:
      return event.anchorStart;
    default:
      return undefined;
  }
}
