import { SwitchboardError } from '../../errors.ts';
import { MAX_LABEL_BYTES, MAX_NAME_BYTES } from '../wire/numbers.ts';

/**
 * The labels of a name in lower case, without the root: `['web', 'default', 'svc', 'cluster', 'local']`. A label may hold
 * any byte, one character each, even a dot. So compare names label by label, not as text.
 */
export type Labels = readonly string[];

/** @param name wire form, without pointers */
export function labelsOf(name: Uint8Array): Labels {
  const labels: string[] = [];
  for (let at = 0; ; ) {
    const length = name[at] ?? 0;
    if (length === 0) return labels;
    let label = '';
    for (let index = at + 1; index <= at + length; index++) label += String.fromCharCode(lowerByte(name[index] ?? 0));
    labels.push(label);
    at += length + 1;
  }
}

/** DNS ignores the case of ASCII letters only (RFC 4343, 3). */
export function lowerByte(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
}

/** @returns the wire form of a name; undefined if the name or a label is too long or empty */
export function wireNameOf(text: string): Buffer | undefined {
  const parts = withoutRoot(text) === '' ? [] : withoutRoot(text).split('.');
  const bytes = parts.map(part => Buffer.from(part, 'latin1'));
  if (bytes.some(part => part.length === 0 || part.length > MAX_LABEL_BYTES)) return undefined;
  const name = Buffer.concat([...bytes.flatMap(part => [Buffer.of(part.length), part]), Buffer.of(0)]);
  return name.length > MAX_NAME_BYTES ? undefined : name;
}

/** Removes the final dot. */
export function withoutRoot(text: string): string {
  return text.endsWith('.') ? text.slice(0, -1) : text;
}

/** Whether a name is a zone or below it. */
export function endsWith(name: Labels, zone: Labels): boolean {
  const from = name.length - zone.length;
  if (from < 0) return false;
  for (let index = zone.length - 1; index >= 0; index--) if (name[from + index] !== zone[index]) return false;
  return true;
}

/**
 * Parses the zone of an upstream; `.` is the root.
 *
 * @throws SWB_USAGE for an invalid name
 */
export function parseName(text: string): Labels {
  const name = wireNameOf(text);
  if (name === undefined) throw new SwitchboardError('SWB_USAGE', `"${text}" is not a DNS name`);
  return labelsOf(name);
}

/** Parses a zone of this server. @throws SWB_USAGE for an invalid name */
export function zoneLabels(text: string): Labels {
  const labels = withoutRoot(text.toLowerCase()).split('.');
  const fine =
    wireNameOf(text) !== undefined && labels.every(label => /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?$/.test(label));
  if (!fine) {
    throw new SwitchboardError(
      'SWB_USAGE',
      `--zone ${text}: a zone is a name such as cluster.local or 10.in-addr.arpa`,
    );
  }
  return labels;
}

/** Writes a name as text, without the final dot. Escapes dots and backslashes in labels (RFC 1035, 5.1). */
export function textOf(name: Labels): string {
  let text = '';
  for (const label of name) text += `${text === '' ? '' : '.'}${/[.\\]/.test(label) ? escaped(label) : label}`;
  return text;
}

function escaped(label: string): string {
  return label.replace(/[.\\]/g, '\\$&');
}

/** A zone that this server is authoritative for. */
export interface Zone {
  readonly kind: 'forward' | 'reverse';
  readonly labels: Labels;
  /** Without the final dot: `cluster.local`. */
  readonly text: string;
}

export const DEFAULT_ZONE = 'cluster.local';

/** The zones of this server. A name belongs to the longest zone that contains it. */
export class Zones {
  /** Longest first. */
  readonly #all: readonly Zone[];
  /** The zone of the targets of PTR records: the first forward zone. */
  readonly main: Zone;

  /**
   * Adds `cluster.local` if the names include no forward zone.
   *
   * @throws SWB_USAGE for an invalid name
   */
  constructor(names: readonly string[]) {
    const given = names.map(name => zoneAt(zoneLabels(name)));
    const forward = given.find(zone => zone.kind === 'forward');
    this.main = forward ?? zoneAt(zoneLabels(DEFAULT_ZONE));
    const distinct = new Map([...given, this.main].map(zone => [zone.text, zone]));
    this.#all = [...distinct.values()].sort((a, b) => b.labels.length - a.labels.length);
  }

  all(): readonly Zone[] {
    return this.#all;
  }

  /** The zone of a name, if it is in one of our zones. */
  of(name: Labels): Zone | undefined {
    return this.#all.find(zone => endsWith(name, zone.labels));
  }
}

const IN_ADDR: Labels = ['in-addr', 'arpa'];
const IP6: Labels = ['ip6', 'arpa'];

export function isReverse(name: Labels): boolean {
  return endsWith(name, IN_ADDR) || endsWith(name, IP6);
}

/** A zone at a name, whether or not it is ours. */
export function zoneAt(labels: Labels): Zone {
  return { kind: isReverse(labels) ? 'reverse' : 'forward', labels, text: textOf(labels) };
}
