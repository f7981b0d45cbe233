import type { Answer } from 'dns-packet';
import { distinct, ofFamily } from '../directory/service-records.ts';
import type { Owner } from '../names/locate.ts';
import type { BuildContext, RecordBuilder } from './builder.ts';

/** A: the IPv4 addresses of a name (RFC 1035). */
export const buildA: RecordBuilder = (owner, context) => {
  const { ttl } = context.directory.options;
  return { answers: v4Records(context.name, addressesAt(owner, context), ttl) };
};

/** AAAA: the IPv6 addresses (RFC 3596). */
export const buildAaaa: RecordBuilder = (owner, context) => {
  const { ttl } = context.directory.options;
  return { answers: v6Records(context.name, addressesAt(owner, context), ttl) };
};

/** A and AAAA records, for the additional section. */
export function addressRecords(name: string, addresses: readonly string[], ttl: number): Answer[] {
  return [...v4Records(name, addresses, ttl), ...v6Records(name, addresses, ttl)];
}

/** The addresses at which clients reach this server. */
export function serverAddresses(context: BuildContext): readonly string[] {
  return context.directory.options.serverAddresses;
}

function v4Records(name: string, addresses: readonly string[], ttl: number): Answer[] {
  return distinct(ofFamily(addresses, 'IPv4')).map(data => ({ type: 'A', name, ttl, data }));
}

function v6Records(name: string, addresses: readonly string[], ttl: number): Answer[] {
  return distinct(ofFamily(addresses, 'IPv6')).map(data => ({ type: 'AAAA', name, ttl, data }));
}

function addressesAt(owner: Owner, context: BuildContext): readonly string[] {
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
    // The addresses belong to the name of the Service itself.
    case 'port':
    case 'pointer':
      return [];
  }
}
