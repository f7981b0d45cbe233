import { endsWith, type Labels, zoneLabels } from './name.ts';

/** A zone that this server answers for alone. */
export interface Zone {
  readonly kind: 'forward' | 'reverse';
  readonly labels: Labels;
  /** `cluster.local`, without the root's dot. */
  readonly text: string;
}

export const DEFAULT_ZONE = 'cluster.local';

/** Our zones; the longest that holds a name has it. */
export class Zones {
  /** Longest first. */
  readonly #all: readonly Zone[];
  readonly forward: readonly Zone[];

  /**
   * Without any forward zone among the names there is `cluster.local`.
   *
   * @throws SWB_USAGE for what is no name
   */
  constructor(names: readonly string[]) {
    const given = names.map(zoneOf);
    const zones = given.some(zone => zone.kind === 'forward') ? given : [...given, zoneOf(DEFAULT_ZONE)];
    const distinct = new Map(zones.map(zone => [zone.text, zone]));
    this.#all = [...distinct.values()].sort((a, b) => b.labels.length - a.labels.length);
    this.forward = [...distinct.values()].filter(zone => zone.kind === 'forward');
  }

  all(): readonly Zone[] {
    return this.#all;
  }

  /** The zone that has the name, if one of ours does. */
  of(name: Labels): Zone | undefined {
    for (const zone of this.#all) if (endsWith(name, zone.labels)) return zone;
    return undefined;
  }

  /** Where PTR records lead: under the first forward zone that was named. */
  get main(): Zone {
    return this.forward[0] ?? zoneOf(DEFAULT_ZONE);
  }
}

const IN_ADDR: Labels = ['in-addr', 'arpa'];
const IP6: Labels = ['ip6', 'arpa'];

export function isReverse(name: Labels): boolean {
  return endsWith(name, IN_ADDR) || endsWith(name, IP6);
}

function zoneOf(text: string): Zone {
  const labels = zoneLabels(text);
  return { kind: isReverse(labels) ? 'reverse' : 'forward', labels, text: labels.join('.') };
}
