import { describe, expect, test } from 'vitest';
import { addressLabel, labelAddress, readReverseName, reversePath } from './addresses.ts';
import { endsWith, labelsOf, textOf, wireNameOf, Zones, zoneLabels } from './name.ts';

describe('addresses as labels', () => {
  test.each([
    ['10.1.2.3', '10-1-2-3'],
    ['2001:db8::1', '2001-db8--1'],
    ['fd00::', 'fd00--0'],
    ['::1', '--1'],
    ['::', '--0'],
    ['1:2:3:4:5:6:7:8', '1-2-3-4-5-6-7-8'],
  ])('%s is %s, and back', (address, label) => {
    expect(addressLabel(address)).toBe(label);
    expect(labelAddress(label)?.address).toBe(address);
  });

  test.each([
    ['10-1-2', undefined],
    ['10-1-2-256', undefined],
    ['10-01-2-3', undefined],
    ['a-b-c-d', undefined],
    ['web', undefined],
    ['beef', undefined],
    ['1--2--3', undefined],
    ['2001-0db8-0-0-0-0-0-1', '2001:db8::1'],
    ['fd00--', 'fd00::'],
    ['--ffff-a01-203', '::ffff:a01:203'],
  ])('%s is %s', (label, address) => {
    expect(labelAddress(label)?.address).toBe(address);
  });

  test('IPv4-mapped IPv6 is not IPv4', () => {
    expect(labelAddress('--ffff-a01-203')?.family).toBe('IPv6');
  });
});

describe('reverse names', () => {
  const read = (name: string) => readReverseName(name.split('.'));
  test.each([
    ['4.3.2.1.in-addr.arpa', { kind: 'address', address: '1.2.3.4' }],
    ['2.1.in-addr.arpa', { kind: 'prefix', text: 'in-addr 1.2.' }],
    ['in-addr.arpa', { kind: 'prefix', text: 'in-addr ' }],
    ['256.2.1.in-addr.arpa', { kind: 'nothing' }],
    ['04.3.2.1.in-addr.arpa', { kind: 'nothing' }],
    ['5.4.3.2.1.in-addr.arpa', { kind: 'nothing' }],
    ['x.in-addr.arpa', { kind: 'nothing' }],
    [`1.${'0.'.repeat(31)}ip6.arpa`, { kind: 'address', address: '::1' }],
    ['d.f.ip6.arpa', { kind: 'prefix', text: 'ip6 fd' }],
    ['10.f.ip6.arpa', { kind: 'nothing' }],
    [`0.${'0.'.repeat(32)}ip6.arpa`, { kind: 'nothing' }],
    ['4.3.2.1.in-addr.example', undefined],
    ['arpa', undefined],
  ])('%s', (name, expected) => expect(read(name)).toEqual(expected));

  test('the path of an address starts with the prefix of every name above it', () => {
    expect(reversePath('10.96.0.1')).toBe('in-addr 10.96.0.1');
    expect(reversePath('fd00::1')).toBe('ip6 fd000000000000000000000000000001');
    // 10.9 is not above 10.96.
    expect(reversePath('10.96.0.1').startsWith('in-addr 10.9.')).toBe(false);
  });
});

describe('names', () => {
  test('a dot within a label does not separate labels', () => {
    const name = labelsOf(Buffer.from('\x05web.a\x03svc\0', 'latin1'));
    expect(name).toEqual(['web.a', 'svc']);
    expect(textOf(name)).toBe('web\\.a.svc');
    expect(endsWith(name, ['a', 'svc'])).toBe(false);
  });

  test('letters become lower case, other bytes stay', () => {
    expect(labelsOf(Buffer.from('\x04WeB\xc4\0', 'latin1'))).toEqual(['web\xc4']);
  });

  test.each(['', '.'])('the root is %o', text => expect(wireNameOf(text)).toEqual(Buffer.of(0)));
  test.each(['a..b', '.a', `${'a'.repeat(64)}.b`, Array(130).fill('a').join('.')])('%s is not a name', text => {
    expect(wireNameOf(text)).toBeUndefined();
  });
  test.each(['', '.', 'a b', 'a..b', '-a', 'a/b'])('%o is not a zone', text => {
    expect(() => zoneLabels(text)).toThrow('a zone is a name such as cluster.local');
  });
});

describe('zones', () => {
  const zones = new Zones(['Example.Test.', 'sub.example.test', '10.in-addr.arpa']);
  test.each([
    ['web.svc.example.test', 'example.test'],
    ['web.svc.sub.example.test', 'sub.example.test'],
    ['example.test', 'example.test'],
    ['1.10.in-addr.arpa', '10.in-addr.arpa'],
    ['anexample.test', undefined],
    ['test', undefined],
    ['cluster.local', undefined],
  ])('%s is of %s', (name, zone) => expect(zones.of(name.split('.'))?.text).toBe(zone));

  test('cluster.local is the zone if there is no forward zone', () => {
    expect(new Zones(['10.in-addr.arpa']).main.text).toBe('cluster.local');
    expect(zones.main.text).toBe('example.test');
  });
});
