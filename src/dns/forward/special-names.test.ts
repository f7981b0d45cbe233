import { describe, expect, test } from 'vitest';
import { type NamePolicy, type NeverForwarded, neverForwarded } from './special-names.ts';
import { nameOf } from './wire-name.ts';

const FORWARDING: NamePolicy = { forwarding: true, ownZones: [nameOf('cluster.local')] };
const ALONE: NamePolicy = { ...FORWARDING, forwarding: false };

function wire(name: string): Uint8Array {
  return Buffer.concat([
    ...name.split('.').map(label => Buffer.concat([Buffer.of(label.length), Buffer.from(label)])),
    Buffer.of(0),
  ]);
}

describe('names that stay here', () => {
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
  ])('%s: %s', (name, why) => expect(neverForwarded(wire(name), FORWARDING)).toBe(why));

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
    expect(neverForwarded(wire(name), ALONE)).toBe(stays ? 'private-reverse' : undefined);
    expect(neverForwarded(wire(name), FORWARDING)).toBe(undefined);
  });

  test('but a zone with an upstream of its own is asked', () => {
    const policy = { ...FORWARDING, askedZones: [nameOf('corp.local'), nameOf('test'), nameOf('.')] };
    expect(neverForwarded(wire('db.corp.local'), policy)).toBe(undefined);
    expect(neverForwarded(wire('a.test'), policy)).toBe(undefined);
    expect(neverForwarded(wire('printer.local'), policy)).toBe('local');
    expect(neverForwarded(wire('a.invalid'), { ...policy, askedZones: [nameOf('invalid')] })).toBe('invalid');
  });

  test('own zones win over special names', () => {
    const policy = { forwarding: true, ownZones: [nameOf('test'), nameOf('10.in-addr.arpa')] };
    expect(neverForwarded(wire('web.test'), policy)).toBe('own');
    expect(neverForwarded(wire('1.10.in-addr.arpa'), { ...policy, forwarding: false })).toBe('own');
  });
});
