import { describe, expect, test } from 'vitest';
import { type Labels, parseName } from '../names/name.ts';
import { type NamePolicy, type NeverForwarded, neverForwarded } from './special-names.ts';

const FORWARDING: NamePolicy = { forwarding: true, ownZones: [parseName('cluster.local')] };
const ALONE: NamePolicy = { ...FORWARDING, forwarding: false };

/** In lower case, as the server reads names. */
function labels(name: string): Labels {
  return name.toLowerCase().split('.');
}

describe('names that are never forwarded', () => {
  test.each<[string, NeverForwarded | undefined]>([
    ['web.shop.svc.cluster.local', 'own'],
    ['CLUSTER.LOCAL', 'own'],
    ['xcluster.local', 'local'],
    ['localhost', 'localhost'],
    ['a.b.LocalHost', 'localhost'],
    ['notlocalhost', undefined],
    ['localhost.example.com', undefined],
    ['invalid', 'invalid'],
    ['x.invalid', 'invalid'],
    ['a.test', 'test'],
    ['printer.local', 'local'],
    ['example.com', undefined],
    ['1.0.168.192.in-addr.arpa', undefined],
  ])('%s: %s', (name, why) => expect(neverForwarded(labels(name), FORWARDING)).toBe(why));

  test.each<[string, boolean]>([
    ['3.2.1.10.in-addr.arpa', true],
    ['10.in-addr.arpa', true],
    ['110.in-addr.arpa', false],
    ['1.15.172.in-addr.arpa', false],
    ['1.16.172.in-addr.arpa', true],
    ['1.31.172.in-addr.arpa', true],
    ['1.32.172.in-addr.arpa', false],
    ['1.168.192.IN-ADDR.ARPA', true],
    ['1.0.0.127.in-addr.arpa', true],
    ['1.254.169.in-addr.arpa', true],
    ['1.63.100.in-addr.arpa', false],
    ['1.64.100.in-addr.arpa', true],
    ['1.127.100.in-addr.arpa', true],
    ['1.128.100.in-addr.arpa', false],
    ['8.8.8.8.in-addr.arpa', false],
    [`1.${'0.'.repeat(31)}ip6.arpa`, true],
    [`2.${'0.'.repeat(31)}ip6.arpa`, false],
    ['1.0.D.F.ip6.arpa', true],
    ['0.0.8.e.f.ip6.arpa', true],
    ['c.e.f.ip6.arpa', false],
    ['a.8.b.d.0.1.0.0.2.ip6.arpa', true],
    ['a.2.ip6.arpa', false],
  ])('without forwarding, %s: %s', (name, stays) => {
    expect(neverForwarded(labels(name), ALONE)).toBe(stays ? 'private-reverse' : undefined);
    expect(neverForwarded(labels(name), FORWARDING)).toBe(undefined);
  });

  test.each<[name: string, zones: readonly string[], NeverForwarded | undefined]>([
    ['db.corp.local', ['corp.local'], undefined],
    ['printer.local', ['corp.local'], 'local'],
    ['a.test', ['test'], undefined],
    ['a.test', ['corp.local'], 'test'],
    ['a.invalid', ['invalid'], undefined],
    ['a.test', ['.'], undefined],
    ['printer.local', ['.'], undefined],
    ['a.invalid', ['.'], undefined],
    ['a.localhost', ['.', 'localhost'], 'localhost'],
    ['web.cluster.local', ['.', 'local'], 'own'],
  ])('%s with named upstreams for %j: %s', (name, zones, why) => {
    expect(neverForwarded(labels(name), { ...FORWARDING, forwardedZones: zones.map(parseName) })).toBe(why);
  });

  test('our zones take precedence over special names', () => {
    const policy = { forwarding: true, ownZones: [parseName('test'), parseName('10.in-addr.arpa')] };
    expect(neverForwarded(labels('web.test'), policy)).toBe('own');
    expect(neverForwarded(labels('1.10.in-addr.arpa'), { ...policy, forwarding: false })).toBe('own');
  });
});
