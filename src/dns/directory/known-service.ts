import type { ServiceRecords } from './service-records.ts';

/**
 * What is kept of every Service, asked for or not: enough to see that it has changed, and at which addresses it stood.
 * Its records are made from the store when somebody asks; kept, they were most of what DNS took of memory.
 */
export interface KnownService {
  readonly fingerprint: number;
  /** Where it is dialled itself, if that has a name of its own; the store's own list where it can be. */
  readonly frontends: readonly string[];
  /** Of ready endpoints. */
  readonly endpoints: readonly string[];
}

const NONE: readonly string[] = [];

export function knownOf(records: ServiceRecords): KnownService {
  const frontends = records.kind === 'clusterIP' ? records.addresses : NONE;
  const endpoints = [...records.endpoints.values()].flatMap(all => all.map(endpoint => endpoint.address));
  return { fingerprint: fingerprintOf(records), frontends, endpoints: endpoints.length === 0 ? NONE : endpoints };
}

/**
 * 53 bits of what an answer could show: that a change is taken for none has a chance of one in 10^15. The records are
 * plain data, written field by field in one order.
 */
function fingerprintOf(records: ServiceRecords): number {
  const text = JSON.stringify([records, [...records.endpoints]]);
  let high = 0x811c9dc5;
  let low = 0x2f0b4a27;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    high = Math.imul(high ^ code, 0x01000193);
    low = Math.imul(low ^ code, 0x5bd1e995);
    low ^= low >>> 15;
  }
  return (high >>> 0) * 2 ** 21 + (low >>> 11);
}
