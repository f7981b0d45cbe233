import type { Answer, SoaAnswer } from 'dns-packet';
import { familyOf } from '../net/index.ts';
import type { Directory } from './directory/directory.ts';
import { distinct } from './directory/service-records.ts';
import type { Owner } from './names/locate.ts';
import type { Zones } from './names/name.ts';
import { TYPE } from './wire/numbers.ts';

/** The query's name and what builders read. */
export interface BuildContext {
  /** In lower case, without the final dot. */
  readonly name: string;
  readonly zones: Zones;
  readonly directory: Directory;
}

export interface BuiltRecords {
  readonly answers: readonly Answer[];
  /** Addresses of the names in the answers. */
  readonly additionals?: readonly Answer[];
}

/** Builds the records of one type at a name. Returns an empty list if the name has none. */
type RecordBuilder = (owner: Owner, context: BuildContext) => BuiltRecords;

const NONE: BuiltRecords = { answers: [] };
const VERSION_TTL = 28_800;

/** A (RFC 1035) and AAAA (RFC 3596): the addresses of a name. */
function addressBuilder(type: AddressType): RecordBuilder {
  return ({ addresses = [] }, { name, directory }) => ({
    answers: addressRecords(name, addresses, directory.options.ttl, [type]),
  });
}

/** CNAME: the target of an ExternalName Service (Kubernetes DNS specification 1.1.0, 2.5). */
const buildCname: RecordBuilder = ({ alias }, { name, directory }) =>
  alias === undefined ? NONE : { answers: [{ type: 'CNAME', name, ttl: directory.options.ttl, data: alias }] };

/** PTR: the names of an address (RFC 1035, 3.3.12; Kubernetes DNS specification 1.1.0, 2.3.3 and 2.4.3). */
const buildPtr: RecordBuilder = ({ pointers = [] }, { name, directory }) => ({
  answers: pointers.map(data => ({ type: 'PTR', name, ttl: directory.options.ttl, data })),
});

/** TXT: the version of the specification (Kubernetes DNS specification 1.1.0, 2.2). */
const buildTxt: RecordBuilder = ({ text }, { name }) =>
  text === undefined ? NONE : { answers: [{ type: 'TXT', name, ttl: VERSION_TTL, data: text }] };

/** SOA: at the apex of a zone. */
const buildSoa: RecordBuilder = ({ apex }, { directory }) =>
  apex === undefined ? NONE : { answers: [soaRecord(apex.text, directory)] };

/** NS: this server, by the name of its own Service if it has one. */
const buildNs: RecordBuilder = ({ apex }, { directory, zones, name }) => {
  if (apex === undefined) return NONE;
  const { ttl, serverAddresses } = directory.options;
  const service = directory.ownService();
  const home = apex.kind === 'forward' ? apex : zones.main;
  const data = `${service === undefined ? 'ns.dns' : `${service.name}.${service.namespace}.svc`}.${home.text}`;
  return {
    answers: [{ type: 'NS', name, ttl, data }],
    additionals: addressRecords(data, service?.addresses ?? serverAddresses, ttl),
  };
};

/**
 * SRV: targets of a port (RFC 2782; Kubernetes DNS specification 1.1.0, 2.3.2 and 2.4.2). The name of a Service itself
 * has the records of all its ports, named or not, because peer-finder of StatefulSets queries it (coredns/coredns#823).
 *
 * Gives all records priority 0 and the same weight, so that clients spread evenly: 100 divided by the number of
 * (address, port) pairs before equal (target, port) are merged. The specification leaves both free; CoreDNS does the same.
 */
const buildSrv: RecordBuilder = (owner, { name, directory }) => {
  const { ttl } = directory.options;
  const targets = owner.targets?.() ?? [];
  const pairs = targets.reduce((sum, target) => sum + target.pairs, 0);
  const weight = Math.max(1, Math.floor(100 / pairs));
  const records = new Map<string, Answer>();
  for (const { name: target, port } of targets) {
    records.set(`${target} ${port}`, { type: 'SRV', name, ttl, data: { priority: 0, weight, port, target } });
  }
  const additionals = [...Map.groupBy(targets, target => target.name)].flatMap(([target, all]) => {
    const addresses = all.flatMap(each => each.addresses);
    return addressRecords(target, addresses, ttl);
  });
  return { answers: [...records.values()], additionals };
};

/** A builder for every type that this server has records of. */
const BUILDERS: ReadonlyMap<number, RecordBuilder> = new Map([
  [TYPE.A, addressBuilder('A')],
  [TYPE.AAAA, addressBuilder('AAAA')],
  [TYPE.CNAME, buildCname],
  [TYPE.NS, buildNs],
  [TYPE.PTR, buildPtr],
  [TYPE.SOA, buildSoa],
  [TYPE.SRV, buildSrv],
  [TYPE.TXT, buildTxt],
]);

/**
 * The records of a type at a name.
 *
 * @param allTypes answer type ANY with all records, and not with the single one of RFC 8482
 */
export function recordsAt(owner: Owner, type: number, context: BuildContext, allTypes: boolean): BuiltRecords {
  if (type !== TYPE.ANY) {
    // A name with a CNAME has that record for every type (RFC 1034, 3.6.2).
    const builder = BUILDERS.get(owner.alias === undefined ? type : TYPE.CNAME);
    return builder?.(owner, context) ?? NONE;
  }
  const all = [...BUILDERS.values()].flatMap(build => build(owner, context).answers);
  if (all.length === 0 || allTypes) return { answers: all };
  // The minimal answer (RFC 8482, 4.2), which is useless for amplification.
  const { name, directory } = context;
  return { answers: [{ type: 'HINFO', name, ttl: directory.options.ttl, data: { cpu: 'RFC8482', os: '' } }] };
}

/**
 * The SOA of a zone. Clients cache negative answers no longer than records (RFC 2308, 5): a client that asks a second
 * before a manifest is saved should find the name soon after.
 */
export function soaRecord(zone: string, directory: Directory): SoaAnswer {
  const { ttl } = directory.options;
  const data = {
    mname: `ns.dns.${zone}`,
    rname: `hostmaster.${zone}`,
    serial: directory.serial,
    refresh: 7200,
    retry: 1800,
    expire: 86_400,
    minimum: ttl,
  };
  return { type: 'SOA', name: zone, ttl: Math.min(ttl, 300), data };
}

const FAMILIES = { A: 'IPv4', AAAA: 'IPv6' } as const;
type AddressType = keyof typeof FAMILIES;
const BOTH: readonly AddressType[] = ['A', 'AAAA'];

function addressRecords(name: string, addresses: readonly string[], ttl: number, types = BOTH): Answer[] {
  return types.flatMap(type => {
    const own = addresses.filter(address => familyOf(address) === FAMILIES[type]);
    return distinct(own).map(data => ({ type, name, ttl, data }));
  });
}
