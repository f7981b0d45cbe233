import type { Answer } from 'dns-packet';
import type { Directory } from './directory/directory.ts';
import type { ServiceRecords } from './directory/service-records.ts';
import { type NamePolicy, neverForwarded } from './forward/index.ts';
import { isAboveAddress, locate, locateAddress, locateReverse, type Owner } from './names/locate.ts';
import { type Labels, labelsOf, textOf, wireNameOf } from './names/name.ts';
import { isReverse, type Zone, type Zones } from './names/zones.ts';
import { MAKERS, type MakerContext, soaRecord } from './records/index.ts';
import { RCODE, TYPE } from './wire/numbers.ts';

/** What is known of a question without asking anybody. */
export type Outcome =
  | Answered
  /** A chain of aliases that leaves our zones: the rest is to be asked of others. */
  | { readonly kind: 'chase'; readonly zone: string; readonly aliases: readonly Answer[]; readonly target: Buffer }
  /** Not ours. `always`: whatever the Services are. */
  | { readonly kind: 'outside'; readonly always: boolean }
  /** Ours, and nothing is known yet. */
  | { readonly kind: 'unsynced'; readonly zone: string };

export interface Answered {
  readonly kind: 'answered';
  /** The zone that the answer is from, for counters. */
  readonly zone: string;
  readonly rcode: number;
  readonly answers: readonly Answer[];
  readonly authorities: readonly Answer[];
  readonly additionals: readonly Answer[];
  /** All that the answer rests on, if it is one Service; else it rests on everything. */
  readonly rests?: ServiceRecords;
}

export interface LookupOptions {
  readonly directory: Directory;
  readonly zones: Zones;
  /** Which names may be asked of others. */
  readonly policy: NamePolicy;
}

/** So many aliases are followed within our zones. */
const MOST_LINKS = 10;

/** Names and types -> what to answer. Pure, but for the directory that it reads. */
export class Lookup {
  readonly #options: LookupOptions;

  constructor(options: LookupOptions) {
    this.#options = options;
  }

  /**
   * @param name wire form, any case
   * @param everything for type ANY: all records of the name, in place of the one that RFC 8482 gives
   */
  find(name: Uint8Array, type: number, everything: boolean): Outcome {
    const labels = labelsOf(name);
    const place = this.#locate(labels);
    if (place.kind === 'outside') return place;
    const { directory } = this.#options;
    const { zone, owner } = place;
    if (!directory.synced && !standsAlone(owner, type)) return { kind: 'unsynced', zone: zone.text };
    if (owner === undefined) return this.#negative(RCODE.NXDOMAIN, zone, []);
    const text = textOf(labels);
    if (owner.kind === 'alias' && (type === TYPE.A || type === TYPE.AAAA)) {
      return this.#follow(owner.records, text, type, zone);
    }
    const context: MakerContext = { name: text, zone, zones: this.#options.zones, directory };
    const made = recordsOf(owner, type, context, everything);
    if (made.answers.length === 0) return this.#negative(RCODE.NOERROR, zone, []);
    return { ...answered(zone, made.answers), ...made, ...('records' in owner ? { rests: owner.records } : {}) };
  }

  /** Zone and owner of a name; no owner: the name does not exist. */
  #locate(labels: Labels): Place {
    const { zones, directory } = this.#options;
    const zone = zones.of(labels);
    if (zone?.kind === 'forward') return { kind: 'ours', zone, owner: locate(labels, zone, directory) };
    if (zone?.kind === 'reverse') return { kind: 'ours', zone, owner: locateReverse(labels, zone, directory, zones) };
    return this.#locateUnowned(labels);
  }

  /** Names outside our zones that are answered here all the same. */
  #locateUnowned(labels: Labels): Place {
    const { zones, directory, policy } = this.#options;
    if (isReverse(labels)) {
      const owner = locateAddress(labels, directory, zones);
      if (owner !== undefined) return { kind: 'ours', zone: borrowed(labels.slice(-2)), owner };
      if (!policy.forwarding && isAboveAddress(labels, directory)) {
        return { kind: 'ours', zone: borrowed(labels.slice(-2)), owner: { kind: 'empty' } };
      }
    }
    const why = neverForwarded(labels, policy);
    switch (why) {
      case undefined:
      case 'own':
        return { kind: 'outside', always: !isReverse(labels) };
      case 'localhost':
        return { kind: 'ours', zone: borrowed(labels.slice(-1)), owner: { kind: 'localhost' } };
      case 'private-reverse':
        return { kind: 'ours', zone: borrowed(labels.slice(-2)), owner: undefined };
      case 'invalid':
      case 'test':
      case 'local':
        return { kind: 'ours', zone: borrowed(labels.slice(-1)), owner: undefined };
    }
  }

  /** Follows an alias for an address, within our zones as far as it goes. */
  #follow(first: ServiceRecords, text: string, type: number, zone: Zone): Outcome {
    const { directory, zones } = this.#options;
    const { ttl } = directory.settings;
    const aliases: Answer[] = [];
    const seen = new Set([text]);
    let from = text;
    let alias = first;
    while (aliases.length < MOST_LINKS) {
      aliases.push({ type: 'CNAME', name: from, ttl, data: alias.target });
      const target = wireNameOf(alias.target);
      if (target === undefined) break;
      const labels = labelsOf(target);
      from = textOf(labels);
      if (seen.has(from)) break;
      seen.add(from);
      const place = this.#locate(labels);
      if (place.kind === 'outside') {
        if (this.#options.policy.forwarding) return { kind: 'chase', zone: zone.text, aliases, target };
        return answered(zone, aliases);
      }
      // RFC 2308, 2.1: the code is that of the last name of the chain.
      if (place.owner === undefined) return this.#negative(RCODE.NXDOMAIN, place.zone, aliases);
      if (place.owner.kind !== 'alias') {
        const context: MakerContext = { name: from, zone: place.zone, zones, directory };
        const found = MAKERS.get(type)?.(place.owner, context).answers ?? [];
        return answered(zone, [...aliases, ...found]);
      }
      alias = place.owner.records;
    }
    // A ring, or a chain without end: half of it would only be asked on.
    return this.#negative(RCODE.NOERROR, zone, []);
  }

  #negative(rcode: number, zone: Zone, aliases: readonly Answer[]): Answered {
    return { ...answered(zone, aliases), rcode, authorities: [soaRecord(zone.text, this.#options.directory)] };
  }
}

function answered({ text: zone }: Zone, answers: readonly Answer[]): Answered {
  return { kind: 'answered', zone, rcode: RCODE.NOERROR, answers, authorities: [], additionals: [] };
}

type Place =
  | { readonly kind: 'ours'; readonly zone: Zone; readonly owner: Owner | undefined }
  | { readonly kind: 'outside'; readonly always: boolean };

/** A zone that is not ours alone, for the SOA of what is answered in it: `in-addr.arpa`, `localhost`. */
function borrowed(labels: Labels): Zone {
  return { kind: isReverse(labels) ? 'reverse' : 'forward', labels, text: textOf(labels) };
}

/** What is true of a zone whatever is in it. */
function standsAlone(owner: Owner | undefined, type: number): boolean {
  if (owner === undefined) return false;
  if (owner.kind === 'apex') return type === TYPE.SOA;
  return owner.kind === 'version' || owner.kind === 'localhost';
}

function recordsOf(owner: Owner, type: number, context: MakerContext, everything: boolean) {
  if (type !== TYPE.ANY) {
    // A name with an alias has it for every type that is asked (RFC 1034, 3.6.2).
    const made = MAKERS.get(owner.kind === 'alias' ? TYPE.CNAME : type)?.(owner, context);
    return { answers: made?.answers ?? [], additionals: made?.additionals ?? [] };
  }
  const all = [...MAKERS.values()].flatMap(make => make(owner, context).answers);
  return { answers: all.length === 0 || everything ? all : [anyRecord(context)], additionals: [] };
}

/** The small answer to ANY (RFC 8482, 4.2), so that nobody is flooded with it. */
function anyRecord({ name, directory }: MakerContext): Answer {
  return { type: 'HINFO', name, ttl: directory.settings.ttl, data: { cpu: 'RFC8482', os: '' } };
}
