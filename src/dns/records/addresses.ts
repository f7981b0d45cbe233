import type { Answer } from 'dns-packet';
import { distinct, ofFamily } from '../directory/service-records.ts';
import type { Owner } from '../names/locate.ts';
import type { MakerContext, RecordMaker } from './maker.ts';

/** A: the IPv4 addresses that a name leads to (RFC 1035). */
export const makeA: RecordMaker = (owner, context) => {
  const { ttl } = context.directory.settings;
  return { answers: v4Records(context.name, addressesAt(owner, context), ttl) };
};

/** AAAA: the IPv6 addresses (RFC 3596). */
export const makeAaaa: RecordMaker = (owner, context) => {
  const { ttl } = context.directory.settings;
  return { answers: v6Records(context.name, addressesAt(owner, context), ttl) };
};

/** Of both families, for the additional section. */
export function addressRecords(name: string, addresses: readonly string[], ttl: number): Answer[] {
  return [...v4Records(name, addresses, ttl), ...v6Records(name, addresses, ttl)];
}

/** Where the server itself is reached, or the Service before it. */
export function serverAddresses(context: MakerContext): readonly string[] {
  return context.directory.settings.serverAddresses;
}

function v4Records(name: string, addresses: readonly string[], ttl: number): Answer[] {
  return distinct(ofFamily(addresses, 'IPv4')).map(data => ({ type: 'A', name, ttl, data }));
}

function v6Records(name: string, addresses: readonly string[], ttl: number): Answer[] {
  return distinct(ofFamily(addresses, 'IPv6')).map(data => ({ type: 'AAAA', name, ttl, data }));
}

function addressesAt(owner: Owner, context: MakerContext): readonly string[] {
  switch (owner.kind) {
    case 'service':
      return owner.records.addresses;
    case 'endpoint':
      return owner.endpoints.map(endpoint => endpoint.address);
    case 'pod':
      return [owner.address.address];
    case 'server':
      return serverAddresses(context);
    case 'localhost':
      return ['127.0.0.1', '::1'];
    case 'apex':
    case 'empty':
    case 'version':
    case 'alias':
    // The addresses are the Service's, and stand at its own name.
    case 'port':
    case 'pointer':
      return [];
  }
}
