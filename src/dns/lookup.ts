import type { Answer } from 'dns-packet';
import type { ObjectKey } from '../kube/index.ts';
import { RCODE } from '../net/index.ts';
import type { Directory } from './directory/directory.ts';
import type { ServiceRecords } from './directory/service-records.ts';
import { type NamePolicy, neverForwarded } from './forward/special-names.ts';
import { isAboveAddress, locate, locateAddress, locateReverse, type Owner } from './names/locate.ts';
import { type Labels, labelsOf, textOf, wireNameOf } from './names/name.ts';
import { isReverse, type Zone, type Zones } from './names/zones.ts';
import { type BuildContext, type BuiltRecords, RECORD_BUILDERS, soaRecord } from './records/index.ts';
import { EMPTY_REPLY, type Reply } from './wire/message.ts';
import { TYPE } from './wire/numbers.ts';

/** What this server can say about a question without forwarding it. */
export type LookupResult =
  | LocalAnswer
  /** CNAME records that lead out of our zones. An upstream has to resolve the target. */
  | { readonly kind: 'chase'; readonly zone: string; readonly aliases: readonly Answer[]; readonly target: Buffer }
  /** Outside our zones. `always`: no change of Services can bring the name into them. */
  | { readonly kind: 'outside'; readonly always: boolean }
  /** In our zones, but the objects have not been read yet. */
  | { readonly kind: 'unsynced'; readonly zone: string };

export interface LocalAnswer {
  readonly kind: 'answer';
  /** The zone of the answer, for metrics. */
  readonly zone: string;
  readonly reply: Reply;
  /** The only Service that the answer depends on; undefined: it depends on everything. */
  readonly service?: ObjectKey;
}

export interface LookupOptions {
  readonly directory: Directory;
  readonly zones: Zones;
  /** Which names are forwarded. */
  readonly policy: NamePolicy;
}

/** The longest chain of CNAME records that is followed within our zones. */
const MAX_ALIASES = 10;

/** Looks names up in the directory. */
export class Lookup {
  readonly #options: LookupOptions;

  constructor(options: LookupOptions) {
    this.#options = options;
  }

  /**
   * @param name wire form, any case
   * @param allTypes answer type ANY with all records, and not with the single one of RFC 8482
   */
  find(name: Uint8Array, type: number, allTypes: boolean): LookupResult {
    const labels = labelsOf(name);
    const location = this.#locate(labels);
    if (location.kind === 'outside') return location;
    const { directory, zones } = this.#options;
    const { zone, owner } = location;
    if (!directory.synced && !isStatic(owner, type)) return { kind: 'unsynced', zone: zone.text };
    if (owner === undefined) return this.#negative(RCODE.NXDOMAIN, zone, []);
    const text = textOf(labels);
    if (owner.kind === 'alias' && (type === TYPE.A || type === TYPE.AAAA)) {
      return this.#follow(owner.records, text, type, zone);
    }
    const { answers, additionals = [] } = recordsOf(owner, type, { name: text, zone, zones, directory }, allTypes);
    if (answers.length === 0) return this.#negative(RCODE.NOERROR, zone, []);
    const service = 'records' in owner ? { service: owner.records.key } : {};
    return { ...answer(zone, { answers, additionals }), ...service };
  }

  /** Finds zone and owner of a name. Without an owner the name does not exist. */
  #locate(labels: Labels): Location {
    const { zones, directory } = this.#options;
    const zone = zones.of(labels);
    if (zone?.kind === 'forward') return { kind: 'ours', zone, owner: locate(labels, zone, directory) };
    if (zone?.kind === 'reverse') return { kind: 'ours', zone, owner: locateReverse(labels, zone, directory, zones) };
    return this.#locateUnowned(labels);
  }

  /** Finds names that this server answers although they are outside its zones. */
  #locateUnowned(labels: Labels): Location {
    const { zones, directory, policy } = this.#options;
    if (isReverse(labels)) {
      const owner = locateAddress(labels, directory, zones);
      if (owner !== undefined) return { kind: 'ours', zone: pseudoZone(labels.slice(-2)), owner };
      if (!policy.forwarding && isAboveAddress(labels, directory)) {
        return { kind: 'ours', zone: pseudoZone(labels.slice(-2)), owner: { kind: 'empty' } };
      }
    }
    switch (neverForwarded(labels, policy)) {
      case undefined:
      case 'own':
        return { kind: 'outside', always: !isReverse(labels) };
      case 'localhost':
        return { kind: 'ours', zone: pseudoZone(labels.slice(-1)), owner: { kind: 'localhost' } };
      case 'private-reverse':
        return { kind: 'ours', zone: pseudoZone(labels.slice(-2)), owner: undefined };
      case 'invalid':
      case 'test':
      case 'local':
        return { kind: 'ours', zone: pseudoZone(labels.slice(-1)), owner: undefined };
    }
  }

  /** Follows CNAME records within our zones. */
  #follow(first: ServiceRecords, text: string, type: number, zone: Zone): LookupResult {
    const { directory, zones } = this.#options;
    const { ttl } = directory.options;
    const aliases: Answer[] = [];
    const seen = new Set([text]);
    let from = text;
    let alias = first;
    while (aliases.length < MAX_ALIASES) {
      aliases.push({ type: 'CNAME', name: from, ttl, data: alias.target });
      const target = wireNameOf(alias.target);
      if (target === undefined) break;
      const labels = labelsOf(target);
      from = textOf(labels);
      if (seen.has(from)) break;
      seen.add(from);
      const location = this.#locate(labels);
      if (location.kind === 'outside') {
        if (this.#options.policy.forwarding) return { kind: 'chase', zone: zone.text, aliases, target };
        return answer(zone, { answers: aliases });
      }
      // The response code is that of the last name of the chain (RFC 2308, 2.1).
      if (location.owner === undefined) return this.#negative(RCODE.NXDOMAIN, location.zone, aliases);
      if (location.owner.kind !== 'alias') {
        const context: BuildContext = { name: from, zone: location.zone, zones, directory };
        const { answers } = recordsOf(location.owner, type, context, false);
        return answer(zone, { answers: [...aliases, ...answers] });
      }
      alias = location.owner.records;
    }
    // A loop or an overlong chain: with a part of it a client would only ask again.
    return this.#negative(RCODE.NOERROR, zone, []);
  }

  #negative(rcode: number, zone: Zone, aliases: readonly Answer[]): LocalAnswer {
    return answer(zone, { rcode, answers: aliases, authorities: [soaRecord(zone.text, this.#options.directory)] });
  }
}

function answer({ text: zone }: Zone, reply: Partial<Reply>): LocalAnswer {
  return { kind: 'answer', zone, reply: { ...EMPTY_REPLY, authoritative: true, ...reply } };
}

type Location =
  | { readonly kind: 'ours'; readonly zone: Zone; readonly owner: Owner | undefined }
  | { readonly kind: 'outside'; readonly always: boolean };

/** The zone for the SOA of an answer outside our zones: `in-addr.arpa`, `localhost`. */
function pseudoZone(labels: Labels): Zone {
  return { kind: isReverse(labels) ? 'reverse' : 'forward', labels, text: textOf(labels) };
}

/** Whether the answer is known before any object is read. */
function isStatic(owner: Owner | undefined, type: number): boolean {
  if (owner === undefined) return false;
  if (owner.kind === 'apex') return type === TYPE.SOA;
  return owner.kind === 'version' || owner.kind === 'localhost';
}

function recordsOf(owner: Owner, type: number, context: BuildContext, allTypes: boolean): BuiltRecords {
  if (type !== TYPE.ANY) {
    // A name with a CNAME has that record for every type (RFC 1034, 3.6.2).
    const builder = RECORD_BUILDERS.get(owner.kind === 'alias' ? TYPE.CNAME : type);
    return builder?.(owner, context) ?? { answers: [] };
  }
  const all = [...RECORD_BUILDERS.values()].flatMap(build => build(owner, context).answers);
  return { answers: all.length === 0 || allTypes ? all : [anyRecord(context)] };
}

/** The minimal answer to ANY (RFC 8482, 4.2), which is useless for amplification. */
function anyRecord({ name, directory }: BuildContext): Answer {
  return { type: 'HINFO', name, ttl: directory.options.ttl, data: { cpu: 'RFC8482', os: '' } };
}
