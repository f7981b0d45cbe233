import type { Answer } from 'dns-packet';
import type { EndpointRecord, PortRecord, ServiceRecords } from '../directory/service-records.ts';
import type { Owner } from '../names/locate.ts';
import { addressRecords } from './addresses.ts';
import { type Made, type MakerContext, NONE, type RecordMaker } from './maker.ts';

/** One address and port that an SRV record may lead to. */
interface Target {
  readonly name: string;
  readonly port: number;
  readonly addresses: readonly string[];
  /** How many (address, port) pairs it stands for. */
  readonly pairs: number;
}

/**
 * SRV: where a port is served (RFC 2782; Kubernetes DNS specification 1.1.0, 2.3.2 and 2.4.2). A Service's bare name has
 * the records of all its ports, named or not: peer-finder of StatefulSets asks so (coredns/coredns#823).
 */
export const makeSrv: RecordMaker = (owner, context) => {
  const targets = targetsOf(owner, context);
  return targets.length === 0 ? NONE : srvRecords(targets, context);
};

function targetsOf(owner: Owner, context: MakerContext): Target[] {
  switch (owner.kind) {
    case 'service':
      return serviceTargets(owner.records, () => true, context);
    case 'port':
      return serviceTargets(owner.records, owner.matches, context);
    case 'endpoint':
      return owner.endpoints.flatMap(endpoint => endpointTargets(endpoint, context.name, () => true));
    case 'apex':
    case 'empty':
    case 'server':
    case 'version':
    case 'alias':
    case 'pod':
    case 'pointer':
    case 'localhost':
      return [];
  }
}

function serviceTargets(records: ServiceRecords, matches: (port: PortRecord) => boolean, context: MakerContext) {
  const name = `${records.name}.${records.namespace}.svc.${context.zone.text}`;
  if (records.kind === 'headless') {
    return [...records.endpoints.values()]
      .flat()
      .flatMap(endpoint => endpointTargets(endpoint, `${endpoint.label}.${name}`, matches));
  }
  const { addresses } = records;
  // A Service that has no address yet is one place all the same.
  const pairs = Math.max(1, addresses.length);
  return records.ports.filter(matches).map(({ port }): Target => ({ name, port, addresses, pairs }));
}

function endpointTargets(endpoint: EndpointRecord, name: string, matches: (port: PortRecord) => boolean): Target[] {
  return endpoint.ports.filter(matches).map(({ port }) => ({ name, port, addresses: [endpoint.address], pairs: 1 }));
}

/**
 * Priority 0, and one weight for all, since clients should see equal chances: 100 shared among the (address, port) pairs
 * before equal (target, port) are merged. The specification leaves both free; these are CoreDNS' numbers.
 */
function srvRecords(targets: readonly Target[], context: MakerContext): Made {
  const { ttl } = context.directory.settings;
  const pairs = targets.reduce((sum, target) => sum + target.pairs, 0);
  const weight = Math.max(1, Math.floor(100 / pairs));
  const records = new Map<string, Answer>();
  const addresses = new Map<string, Set<string>>();
  for (const { name, port, addresses: own } of targets) {
    const data = { priority: 0, weight, port, target: name };
    records.set(`${name} ${port}`, { type: 'SRV', name: context.name, ttl, data });
    const known = addresses.get(name) ?? new Set();
    for (const address of own) known.add(address);
    addresses.set(name, known);
  }
  return {
    answers: [...records.values()],
    additionals: [...addresses].flatMap(([name, own]) => addressRecords(name, [...own], ttl)),
  };
}
