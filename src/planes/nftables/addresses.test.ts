import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { routeOf } from '../../../testing/route-of.ts';
import { cidrContains, parseCidr } from '../../net/index.ts';
import type { ProxiedRoute } from '../../routing/index.ts';
import { Addresses } from './addresses.ts';

const RANGE = parseCidr('10.96.0.0/28');
const assign = RANGE === undefined ? [] : [RANGE];
const nodeAddresses = ['192.0.2.1'];

function nameless(name: string): ProxiedRoute {
  return routeOf({
    service: `default/${name}`,
    frontends: [
      { kind: 'clusterIP', address: undefined, port: 80 },
      { kind: 'nodePort', port: undefined },
    ],
  });
}

function named(name: string, address: string, port: number): ProxiedRoute {
  const frontends = [{ kind: 'clusterIP', address, port: 80 } as const, { kind: 'nodePort', port } as const];
  return routeOf({ service: `default/${name}`, frontends });
}

/** Address and node port that a route got. */
function placed(addresses: Addresses, route: ProxiedRoute): (string | number | undefined)[] {
  return addresses.place(route).map(({ placed: at }) => (at?.kind === 'nodePort' ? at.port : at?.address));
}

describe('assigned addresses', () => {
  it('lie in the range, are unique, and stay the same', () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}$/), { minLength: 1, maxLength: 14 });
    fc.assert(
      fc.property(names, list => {
        const addresses = new Addresses({ nodeAddresses, assign });
        const given = list.map(name => placed(addresses, nameless(name)));
        const ips = given.map(([ip]) => String(ip));
        expect(new Set(ips).size).toBe(list.length);
        expect(new Set(given.map(([, port]) => port)).size).toBe(list.length);
        for (const ip of ips) {
          expect(assign.some(range => cidrContains(range, ip))).toBe(true);
          expect(['10.96.0.0', '10.96.0.15']).not.toContain(ip);
        }
        expect(list.map(name => placed(addresses, nameless(name)))).toEqual(given);
      }),
    );
  });

  it('are the same in every run unless two Services hash to one address', () => {
    const run = () => placed(new Addresses({ nodeAddresses, assign }), nameless('web'));
    expect(run()).toEqual(run());
  });

  it('are never those that a Service names, in whatever order they come', () => {
    const [ip, port] = placed(new Addresses({ nodeAddresses, assign }), nameless('web'));
    const addresses = new Addresses({ nodeAddresses, assign });
    const rival = named('rival', String(ip), Number(port));
    addresses.reserve(rival);
    const [otherIp, otherPort] = placed(addresses, nameless('web'));
    expect(otherIp).not.toBe(ip);
    expect(otherPort).not.toBe(port);
    expect(placed(addresses, rival)).toEqual([ip, port]);
  });

  it('run out with a reason, and are free again when a Service is gone', () => {
    const addresses = new Addresses({ nodeAddresses, assign });
    const names = Array.from({ length: 14 }, (_, i) => `s${i}`);
    for (const name of names) placed(addresses, nameless(name));
    expect(addresses.place(nameless('late'))[0]?.failed).toContain('no clusterIP');
    addresses.release('default/s3');
    expect(placed(addresses, nameless('late'))[0]).toMatch(/^10\.96\.0\.\d+$/);
  });

  it('need a range of the same family', () => {
    const addresses = new Addresses({ nodeAddresses, assign });
    const [placement] = addresses.place({ ...nameless('web'), family: 'IPv6' });
    expect(placement?.failed).toContain('no clusterIP');
  });
});

describe('a load balancer’s addresses', () => {
  const ranges = (text: string) => [parseCidr(text) ?? []].flat();
  const balanced = (range: string) =>
    routeOf({
      sourceRanges: ranges(range),
      frontends: [{ kind: 'loadBalancer', address: '203.0.113.1', port: 80 }],
    });

  it.each([
    ['contains the node, so the load balancer itself is allowed', '192.0.2.0/24', ['203.0.113.1']],
    ['does not contain the node', '198.51.100.0/24', []],
  ])('whose source range %s', (_name, range, ownSources) => {
    const [placement] = new Addresses({ nodeAddresses, assign }).place(balanced(range));
    expect(placement?.placed).toMatchObject({ ownSources });
  });

  it('have a reason if they are missing', () => {
    const route = routeOf({ frontends: [{ kind: 'loadBalancer', address: undefined, port: 80 }] });
    expect(new Addresses({ nodeAddresses, assign }).place(route)[0]?.failed).toContain('no load-balancer address');
  });
});
