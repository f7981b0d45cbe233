import { endsWith, type Labels, textOf, zoneLabels } from './name.ts';

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
