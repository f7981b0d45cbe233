import type { Answer } from 'dns-packet';
import type { EndpointRecord, PortRecord, ServiceRecords } from '../directory/service-records.ts';
import type { Owner } from '../names/locate.ts';
import { addressRecords } from './addresses.ts';
import { type BuildContext, type BuiltRecords, NONE, type RecordBuilder } from './builder.ts';

/** A target of SRV records with its addresses. */
interface Target {
  readonly name: string;
  readonly port: number;
  readonly addresses: readonly string[];
  /** The number of (address, port) pairs that it stands for. */
  readonly pairs: number;
}

/**
 * SRV: targets of a port (RFC 2782; Kubernetes DNS specification 1.1.0, 2.3.2 and 2.4.2). The name of a Service itself
 * has the records of all its ports, named or not, because peer-finder of StatefulSets queries it (coredns/coredns#823).
 */
export const buildSrv: RecordBuilder = (owner, context) => {
  const targets = targetsOf(owner, context);
  return targets.length === 0 ? NONE : srvRecords(targets, context);
};

function targetsOf(owner: Owner, context: BuildContext): Target[] {
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

function serviceTargets(records: ServiceRecords, matches: (port: PortRecord) => boolean, context: BuildContext) {
  const name = `${records.name}.${records.namespace}.svc.${context.zone.text}`;
  if (records.kind === 'headless') {
    return [...records.endpoints.values()]
      .flat()
      .flatMap(endpoint => endpointTargets(endpoint, `${endpoint.label}.${name}`, matches));
  }
  const { addresses } = records;
  // A Service without an address still counts as one target.
  const pairs = Math.max(1, addresses.length);
  return records.ports.filter(matches).map(({ port }): Target => ({ name, port, addresses, pairs }));
}

function endpointTargets(endpoint: EndpointRecord, name: string, matches: (port: PortRecord) => boolean): Target[] {
  return endpoint.ports.filter(matches).map(({ port }) => ({ name, port, addresses: [endpoint.address], pairs: 1 }));
}

/**
 * Gives all records priority 0 and the same weight, so that clients spread evenly: 100 divided by the number of
 * (address, port) pairs before equal (target, port) are merged. The specification leaves both free; CoreDNS does the same.
 */
function srvRecords(targets: readonly Target[], context: BuildContext): BuiltRecords {
  const { ttl } = context.directory.options;
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
