import type { Answer } from 'dns-packet';
import type { ObjectKey } from '../kube/index.ts';
import { RCODE } from '../net/index.ts';
import type { Directory } from './directory/directory.ts';
import { type NamePolicy, neverForwarded } from './forward/special-names.ts';
import { LOCALHOST, locate, locateReverse, type Owner } from './names/locate.ts';
import { isReverse, type Labels, labelsOf, textOf, wireNameOf, type Zone, type Zones, zoneAt } from './names/name.ts';
import { recordsAt, soaRecord } from './records.ts';
import { EMPTY_REPLY, type Reply } from './wire/message.ts';
import { TYPE } from './wire/numbers.ts';

/** What an answer depends on: it is valid until that changes. */
type Dependency = ObjectKey | 'everything' | 'nothing';

/** What this server can say about a question without forwarding it. */
export type LookupResult =
  | LocalAnswer
  | {
      readonly kind: 'forward';
      /** The zone of the answer, for metrics. */
      readonly zone: string;
      /** The name to resolve: the client's, or the target of `aliases`. */
      readonly name: Uint8Array;
      /** CNAME records that lead out of our zones. */
      readonly aliases: readonly Answer[];
      readonly dependsOn: Dependency;
    };

interface LocalAnswer {
  readonly kind: 'answer';
  readonly zone: string;
  readonly reply: Reply;
  readonly dependsOn: Dependency;
  /** The answer may serve other clients. */
  readonly keep: boolean;
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
    const { directory, zones, policy } = this.#options;
    if (location.kind === 'outside') {
      const { dependsOn } = location;
      if (!policy.forwarding) return { ...answer('.', NOT_OURS), dependsOn };
      return { kind: 'forward', zone: '.', name, aliases: [], dependsOn };
    }
    const { zone, owner } = location;
    if (!directory.synced && !isStatic(owner, type)) return { ...answer(zone.text, NOT_READY), keep: false };
    if (owner === undefined) return this.#negative(RCODE.NXDOMAIN, zone, []);
    const text = textOf(labels);
    if (owner.alias !== undefined && (type === TYPE.A || type === TYPE.AAAA)) {
      return this.#follow(owner.alias, text, type, zone);
    }
    const { answers, additionals = [] } = recordsAt(owner, type, { name: text, zones, directory }, allTypes);
    if (answers.length === 0) return this.#negative(RCODE.NOERROR, zone, []);
    return { ...answer(zone.text, { answers, additionals }), dependsOn: owner.service?.key ?? 'everything' };
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
    if (reason === undefined || reason === 'own') {
      // Changes of Services may bring reverse names into our zones.
      return { kind: 'outside', dependsOn: isReverse(labels) ? 'everything' : 'nothing' };
    }
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
        if (!this.#options.policy.forwarding) return answer(zone.text, { answers: aliases });
        return { kind: 'forward', zone: zone.text, name: target, aliases, dependsOn: 'everything' };
      }
      // The response code is that of the last name of the chain (RFC 2308, 2.1).
      if (location.owner === undefined) return this.#negative(RCODE.NXDOMAIN, location.zone, aliases);
      if (location.owner.alias === undefined) {
        const { answers } = recordsAt(location.owner, type, { name: from, zones, directory }, false);
        return answer(zone.text, { answers: [...aliases, ...answers] });
      }
      alias = location.owner.alias;
    }
    // A loop or an overlong chain: with a part of it a client would only ask again.
    return this.#negative(RCODE.NOERROR, zone, []);
  }

  #negative(rcode: number, zone: Zone, aliases: readonly Answer[]): LocalAnswer {
    return answer(zone.text, { rcode, answers: aliases, authorities: [soaRecord(zone.text, this.#options.directory)] });
  }
}

/** An authoritative answer that depends on everything. */
function answer(zone: string, reply: Partial<Reply>): LocalAnswer {
  const whole = { ...EMPTY_REPLY, authoritative: true, ...reply };
  return { kind: 'answer', zone, reply: whole, dependsOn: 'everything', keep: true };
}

/** Extended DNS Errors: RFC 8914, 4.15 and 4.21. */
const NOT_READY: Partial<Reply> = {
  authoritative: false,
  rcode: RCODE.SERVFAIL,
  extendedError: { code: 14, text: 'the Services have not been read yet' },
};
const NOT_OURS: Partial<Reply> = {
  authoritative: false,
  rcode: RCODE.REFUSED,
  extendedError: { code: 20, text: 'the name is outside the zones of this server, which does not forward' },
};

type Location =
  | { readonly kind: 'ours'; readonly zone: Zone; readonly owner: Owner | undefined }
  | { readonly kind: 'outside'; readonly dependsOn: Dependency };

/** Whether the answer is known before any object is read. */
function isStatic(owner: Owner | undefined, type: number): boolean {
  return owner?.constant === true || (owner?.apex !== undefined && type === TYPE.SOA);
}
