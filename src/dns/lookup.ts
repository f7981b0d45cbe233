import type { Answer } from 'dns-packet';
import type { ObjectKey } from '../kube/index.ts';
import { RCODE } from '../net/index.ts';
import type { Directory } from './directory/directory.ts';
import { type NamePolicy, neverForwarded } from './forward/special-names.ts';
import { LOCALHOST, locate, locateReverse, type Owner } from './names/locate.ts';
import { type Labels, labelsOf, textOf, wireNameOf } from './names/name.ts';
import { isReverse, type Zone, type Zones, zoneAt } from './names/zones.ts';
import { recordsAt, soaRecord } from './records.ts';
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
    if (owner.alias !== undefined && (type === TYPE.A || type === TYPE.AAAA)) {
      return this.#follow(owner.alias, text, type, zone);
    }
    const { answers, additionals = [] } = recordsAt(owner, type, { name: text, zones, directory }, allTypes);
    if (answers.length === 0) return this.#negative(RCODE.NOERROR, zone, []);
    const service = owner.service === undefined ? {} : { service: owner.service.key };
    return { ...answer(zone, { answers, additionals }), ...service };
  }

  /** Finds zone and owner of a name, also of names that this server answers although they are outside its zones. */
  #locate(labels: Labels): Location {
    const { zones, directory, policy } = this.#options;
    const zone = zones.of(labels);
    if (zone?.kind === 'forward') return { kind: 'ours', zone, owner: locate(labels, zone, directory) };
    if (isReverse(labels)) {
      const apex = zone !== undefined && labels.length === zone.labels.length;
      const owner = apex ? { apex: zone } : locateReverse(labels, directory, zones);
      if (zone !== undefined) return { kind: 'ours', zone, owner };
      // Upstreams may have records at the names above known addresses.
      const known = owner?.pointers !== undefined || (owner !== undefined && !policy.forwarding);
      if (known) return { kind: 'ours', zone: zoneAt(labels.slice(-2)), owner };
    }
    const reason = neverForwarded(labels, policy);
    if (reason === undefined || reason === 'own') return { kind: 'outside', always: !isReverse(labels) };
    // The zone for the SOA: `localhost`, `test`, `in-addr.arpa`.
    const special = zoneAt(labels.slice(reason === 'private-reverse' ? -2 : -1));
    return { kind: 'ours', zone: special, owner: reason === 'localhost' ? LOCALHOST : undefined };
  }

  /** Follows CNAME records within our zones. */
  #follow(first: string, text: string, type: number, zone: Zone): LookupResult {
    const { directory, zones } = this.#options;
    const { ttl } = directory.options;
    const aliases: Answer[] = [];
    const seen = new Set([text]);
    let from = text;
    let alias = first;
    while (aliases.length < MAX_ALIASES) {
      aliases.push({ type: 'CNAME', name: from, ttl, data: alias });
      const target = wireNameOf(alias);
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
      if (location.owner.alias === undefined) {
        const { answers } = recordsAt(location.owner, type, { name: from, zones, directory }, false);
        return answer(zone, { answers: [...aliases, ...answers] });
      }
      alias = location.owner.alias;
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

/** Whether the answer is known before any object is read. */
function isStatic(owner: Owner | undefined, type: number): boolean {
  return owner?.constant === true || (owner?.apex !== undefined && type === TYPE.SOA);
}
