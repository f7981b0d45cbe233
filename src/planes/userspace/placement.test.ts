import { describe, expect, it } from 'vitest';
import type { Frontend, ProxiedRoute } from '../../routing/index.ts';
import { type PlacementContext, placeFrontends } from './placement.ts';

const linux: PlacementContext = {
  addresses: 'per-service',
  listen: undefined,
  has: address => address.startsWith('127.') || address === '::1' || address === '192.0.2.7',
  serviceAddress: () => '127.200.0.1',
};
const shared: PlacementContext = { ...linux, addresses: 'shared' };

function route(frontends: readonly Frontend[], family: 'IPv4' | 'IPv6' = 'IPv4'): ProxiedRoute {
  const none = { kind: 'reject' } as const;
  return {
    kind: 'proxied',
    key: `default/web:http/TCP/${family}`,
    service: 'default/web',
    namespace: 'default',
    name: 'web',
    type: 'ClusterIP',
    portName: 'http',
    protocol: 'TCP',
    family,
    port: 80,
    targetPort: 8080,
    endpoints: [],
    skippedPods: [],
    origin: 'selector',
    selected: 0,
    frontends,
    contested: [],
    internal: none,
    external: none,
    externalFromLocal: none,
    internalTrafficPolicy: 'Cluster',
    externalTrafficPolicy: 'Cluster',
    sourceRanges: [],
    uncaptured: [],
  };
}

const where = (frontend: Frontend, context: PlacementContext, family: 'IPv4' | 'IPv6' = 'IPv4') =>
  placeFrontends(route([frontend], family), context).map(place =>
    'failed' in place ? `${place.address} ${place.port}: ${place.failed}` : `${place.address} ${place.port}`,
  );

describe('placeFrontends', () => {
  it('places a cluster IP on its own address, the Service address or the shared one', () => {
    expect(where({ kind: 'clusterIP', address: undefined, port: 80 }, linux)).toEqual(['127.200.0.1 80']);
    expect(where({ kind: 'clusterIP', address: '10.96.0.1', port: 80 }, linux)).toEqual(['127.200.0.1 80']);
    expect(where({ kind: 'clusterIP', address: '127.9.9.9', port: 80 }, linux)).toEqual(['127.9.9.9 80']);
    expect(where({ kind: 'clusterIP', address: '10.96.0.1', port: 80 }, shared)).toEqual(['127.0.0.1 80']);
    expect(where({ kind: 'clusterIP', address: 'fd00::1', port: 80 }, linux, 'IPv6')).toEqual(['::1 80']);
  });

  it('places a cluster IP of the block on itself, and every other one on an address of the block', () => {
    const block: PlacementContext = {
      addresses: { first: 0x0ad58000, size: 2 ** 15 },
      listen: '10.213.0.2',
      has: address => address === '10.213.0.2',
      serviceAddress: () => '10.213.200.1',
    };
    const at = (address: string | undefined) => where({ kind: 'clusterIP', address, port: 80 }, block);
    expect(at('10.213.129.7')).toEqual(['10.213.129.7 80']);
    expect(at('10.213.128.0')).toEqual(['10.213.128.0 80']);
    expect(at('10.213.127.255')).toEqual(['10.213.200.1 80']);
    expect(at('10.214.0.0')).toEqual(['10.213.200.1 80']);
    expect(at(undefined)).toEqual(['10.213.200.1 80']);
    expect(where({ kind: 'nodePort', port: 30080 }, block)).toEqual(['10.213.0.2 30080']);
    const noIPv6 = 'the network of the Services has no IPv6 addresses';
    expect(where({ kind: 'clusterIP', address: undefined, port: 80 }, block, 'IPv6')).toEqual([` 80: ${noIPv6}`]);
    expect(where({ kind: 'clusterIP', address: 'fd00::1', port: 80 }, block, 'IPv6')).toEqual([
      `fd00::1 80: ${noIPv6}`,
    ]);
    expect(where({ kind: 'nodePort', port: 30080 }, block, 'IPv6')).toEqual([` 30080: ${noIPv6}`]);
  });

  it('places load balancers and node ports on loopback, or on the address to listen on', () => {
    const everywhere = { ...linux, listen: '0.0.0.0' };
    expect(where({ kind: 'loadBalancer', address: undefined, port: 80 }, linux)).toEqual(['127.0.0.1 80']);
    expect(where({ kind: 'loadBalancer', address: '198.51.100.1', port: 80 }, everywhere)).toEqual(['0.0.0.0 80']);
    expect(where({ kind: 'loadBalancer', address: '192.0.2.7', port: 80 }, everywhere)).toEqual(['192.0.2.7 80']);
    expect(where({ kind: 'nodePort', port: 30080 }, everywhere)).toEqual(['0.0.0.0 30080']);
    expect(where({ kind: 'nodePort', port: undefined }, linux)).toEqual(['127.0.0.1 undefined']);
    expect(where({ kind: 'nodePort', port: 30080 }, everywhere, 'IPv6')).toEqual(['::1 30080']);
  });

  it('serves an external IP only if it is an address of this machine', () => {
    expect(where({ kind: 'externalIP', address: '192.0.2.7', port: 80 }, linux)).toEqual(['192.0.2.7 80']);
    expect(where({ kind: 'externalIP', address: '203.0.113.1', port: 80 }, linux)).toEqual([
      '203.0.113.1 80: 203.0.113.1 is not an address of this machine',
    ]);
  });

  it('serves frontends of a route with the same address and port together, as internal and unrestricted', () => {
    const both: Frontend[] = [
      { kind: 'loadBalancer', address: undefined, port: 80 },
      { kind: 'clusterIP', address: undefined, port: 80 },
    ];
    const [alone, second] = placeFrontends(route(both), linux);
    expect(alone).toMatchObject({ address: '127.0.0.1', entry: 'external', ranged: true });
    expect(second).toMatchObject({ address: '127.200.0.1', entry: 'internal', ranged: false });
    const together = placeFrontends(route(both), shared);
    expect(together).toHaveLength(1);
    expect(together[0]).toMatchObject({ frontends: both, ranged: false });
    expect(placeFrontends(route(both.toReversed()), shared)[0]).toMatchObject({ entry: 'internal', ranged: false });
  });
});
