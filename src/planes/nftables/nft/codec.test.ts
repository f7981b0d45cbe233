import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IP_FAMILIES, type IpFamily } from '../../../net/index.ts';
import { attributeList, MessageWriter } from '../../../system/index.ts';
import { type Field, SCHEMAS, type Schema } from '../layout.ts';
import { decodeElement, encodeElement } from './codec.ts';

function roundTrip(family: IpFamily, schema: Schema, key: string, data: string | undefined) {
  const writer = new MessageWriter();
  encodeElement(writer, family, schema, key, data);
  const [first] = [...attributeList(writer.bytes)];
  return first === undefined ? undefined : decodeElement(family, schema, first[1]);
}

const address4 = fc.ipV4();
const address6 = fc
  .array(fc.integer({ min: 1, max: 0xffff }), { minLength: 8, maxLength: 8 })
  .map(groups => groups.map(group => group.toString(16)).join(':'));

function field(family: IpFamily, kind: Field): fc.Arbitrary<string> {
  const number = (max: number) => fc.integer({ min: 0, max });
  switch (kind) {
    case 'address':
      return family === 'IPv4' ? address4 : address6;
    case 'inet_proto':
      return number(255).map(String);
    case 'inet_service':
      return number(65_535).map(String);
    case 'classid':
      return fc.tuple(number(0xffff), number(0xffff)).map(([a, b]) => `${a.toString(16)}:${b.toString(16)}`);
    case 'mark':
      return number(0xffffffff).map(mark => `0x${mark.toString(16)}`);
    case 'verdict':
      return fc.oneof(fc.constant('drop'), fc.constantFrom('goto refuse', 'goto service-cluster-100-sticky-10800'));
  }
}

function text(family: IpFamily, fields: readonly Field[]): fc.Arbitrary<string> {
  return fc.tuple(...fields.map(kind => field(family, kind))).map(parts => parts.join(' . '));
}

const CASES = IP_FAMILIES.flatMap(family => [...SCHEMAS].map(([name, schema]) => ({ family, name, schema })));

describe('elements as the kernel keeps them', () => {
  it.each(CASES)('$family $name come back as they went', ({ family, schema }) => {
    const data = schema.data === undefined ? fc.constant(undefined) : text(family, schema.data);
    fc.assert(
      fc.property(text(family, schema.key), data, (key, value) => {
        expect(roundTrip(family, schema, key, value)).toEqual([key, value ?? '']);
      }),
      { numRuns: 30 },
    );
  });

  it.each([
    ['IPv4' as const, '198.51.100.0/24'],
    ['IPv4' as const, '198.51.101.0/24'],
    ['IPv4' as const, '10.128.0.0/9'],
    ['IPv4' as const, '255.255.255.254/31'],
    ['IPv4' as const, '0.0.0.0/0'],
    ['IPv6' as const, 'fd00:1::/32'],
    ['IPv6' as const, 'fd00::1:0/112'],
    ['IPv6' as const, '::/0'],
  ])('a source range is read as it was written: %s %s', (family, range) => {
    const schema = SCHEMAS.get('allowed_sources') ?? { key: [] };
    const head = family === 'IPv4' ? '203.0.113.1 . 6 . 80' : 'fd00:113::1 . 6 . 80';
    expect(roundTrip(family, schema, `${head} . ${range}`, undefined)).toEqual([`${head} . ${range}`, '']);
  });

  it('any IPv4 source range is read as it was written', () => {
    const schema = SCHEMAS.get('allowed_sources') ?? { key: [] };
    const range = fc
      .tuple(fc.integer({ min: 0, max: 0xffffffff }), fc.integer({ min: 0, max: 31 }))
      .map(([number, prefix]) => {
        const network = prefix === 0 ? 0 : (number & (0xffffffff << (32 - prefix))) >>> 0;
        return `${[24, 16, 8, 0].map(shift => (network >>> shift) & 255).join('.')}/${prefix}`;
      });
    fc.assert(
      fc.property(range, text_ => {
        const key = `203.0.113.1 . 6 . 80 . ${text_}`;
        expect(roundTrip('IPv4', schema, key, undefined)).toEqual([key, '']);
      }),
    );
  });

  it('bytes that are no element are none', () => {
    expect(decodeElement('IPv4', { key: ['address'] }, Buffer.alloc(0))).toBeUndefined();
  });
});
