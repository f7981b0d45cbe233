import dnsPacket from 'dns-packet';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BadMessage, questionEnd, readRecords } from '../wire/records.ts';
import { readResponse } from './response.ts';

/** The name `www.example`, and a pointer to it in the question. */
const OWNER = Buffer.from('\x03www\x07example\x00');
const QUESTION_END = 12 + OWNER.length + 4;
const TO_OWNER = [0xc0, 12];

/** A message with the question `www.example` and raw records. */
function message(records: readonly Buffer[], counts: readonly number[] = [records.length, 0, 0]): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0x8180, 2);
  for (const [index, count] of [1, ...counts].entries()) head.writeUInt16BE(count, 4 + 2 * index);
  return Buffer.concat([head, OWNER, Buffer.from([0, 1, 0, 1]), ...records]);
}

function record(type: number, rdata: readonly number[] | Buffer, owner: readonly number[] | Buffer = TO_OWNER): Buffer {
  const fixed = Buffer.alloc(10);
  fixed.writeUInt16BE(type, 0);
  fixed.writeUInt16BE(1, 2);
  fixed.writeUInt32BE(60, 4);
  fixed.writeUInt16BE(rdata.length, 8);
  return Buffer.concat([Buffer.from(owner), fixed, Buffer.from(rdata)]);
}

describe('a record is passed on byte for byte', () => {
  const text = (value: string) => [value.length, ...Buffer.from(value)];
  test.each<[what: string, type: number, rdata: readonly number[]]>([
    ['A', 1, [192, 0, 2, 1]],
    ['AAAA', 28, [0x20, 1, 0xd, 0xb8, ...new Array(11).fill(0), 1]],
    ['CNAME with a pointer', 5, [1, 0x78, ...TO_OWNER]],
    ['MX with a pointer', 15, [0, 10, ...TO_OWNER]],
    ['SRV', 33, [0, 1, 0, 2, 0, 80, ...OWNER]],
    ['SOA', 6, [...TO_OWNER, 1, 0x78, ...TO_OWNER, ...new Array(20).fill(7)]],
    ['SOA with a dot in its mail name', 6, [...OWNER, ...text('a.b'), 0, ...new Array(20).fill(7)]],
    ['TXT of any bytes', 16, [3, 0, 255, 128, 0, 1, 65]],
    ['CAA', 257, [0, ...text('issue'), ...Buffer.from('ca.example')]],
    ['CAA with unknown flags', 257, [0x81, ...text('issue'), ...Buffer.from('ca.example')]],
    ['CAA that is no text', 257, [0, ...text('issue'), 0xff, 0xfe]],
    ['TLSA', 52, [3, 1, 1, ...new Array(32).fill(9)]],
    ['TLSA that is cut short', 52, [3]],
    ['HTTPS', 65, [0, 1, 0, 0, 1, 0, 3, 2, ...Buffer.from('h2')]],
    ['SVCB', 64, [0, 0, ...OWNER]],
    ['DS', 43, [1, 2, 8, 2, ...new Array(32).fill(5)]],
    ['RRSIG of a type without a name', 46, [0, 65, 8, 2, ...new Array(14).fill(1), ...OWNER, 9, 9, 9]],
    ['NSEC with types without a name', 47, [...OWNER, 0, 9, 0x40, 1, 0, 0, 0, 3, 0, 0, 0xc0]],
    ['SSHFP with an unknown hash', 44, [1, 9, 1, 2, 3]],
    ['NAPTR', 35, [0, 1, 0, 2, ...text('s'), ...text('SIP+D2U'), ...text(''), ...OWNER]],
    ['DNSKEY of an odd protocol', 48, [1, 1, 9, 8, 1, 2, 3]],
    ['AFSDB with a pointer', 18, [0, 1, ...TO_OWNER]],
    ['an unknown type', 65_280, [0xc0, 0x0c, 0xff]],
    ['a name with bytes that are not text', 5, [2, 0xff, 0x2e, 0]],
  ])('%s', (_what, type, rdata) => {
    const bytes = message([record(type, rdata)]);
    expect(readResponse(bytes).message).toEqual(bytes);
  });

  test('with an owner that has a dot in a label', () => {
    const bytes = message([record(1, [1, 2, 3, 4], [3, 0x61, 0x2e, 0x62, 0])]);
    expect(readResponse(bytes).message).toEqual(bytes);
  });
});

describe('records that are hop by hop are removed', () => {
  const opt = Buffer.from([0, 0, 41, 4, 208, 1, 0, 0, 0, 0, 0]);
  const glue = record(1, [192, 0, 2, 1]);

  test('OPT adds the upper bits of the response code', () => {
    const { rcode, message: left } = readResponse(message([opt], [0, 0, 1]));
    expect([rcode, left]).toEqual([16, message([])]);
  });

  test('TSIG is removed with OPT', () => {
    expect(readResponse(message([glue, opt, record(250, [1])], [0, 0, 3])).message).toEqual(message([glue], [0, 0, 1]));
  });

  test('additional records after OPT are removed, those before it stay', () => {
    const { message: left } = readResponse(message([glue, glue, opt, glue], [1, 0, 3]));
    expect(left).toEqual(message([glue, glue], [1, 0, 1]));
  });
});

test('a TTL with its highest bit set becomes 0', () => {
  const one = record(1, [192, 0, 2, 1]);
  one[6] = 0x80;
  expect(dnsPacket.decode(readResponse(message([one])).message).answers).toMatchObject([{ ttl: 0 }]);
});

test('the message has its own memory, since it is cached', () => {
  const { message: left } = readResponse(message([record(1, [192, 0, 2, 1])]));
  expect(left.buffer.byteLength).toBe(left.length);
});

test('the records of a truncated message are ignored', () => {
  const cut = message([record(1, [1, 2, 3, 4])]).subarray(0, -2);
  cut.writeUInt16BE(0x8380, 2);
  const { truncated, message: left } = readResponse(cut);
  expect([truncated, left.length, dnsPacket.decode(left).answers]).toEqual([true, QUESTION_END, []]);
});

describe('rejects a message', () => {
  const self = QUESTION_END;
  test.each<[what: string, bytes: Buffer]>([
    ['with fewer records than it claims', message([], [1, 0, 0])],
    ['with far fewer records than it claims', message([record(1, [1, 2, 3, 4])], [65_535, 65_535, 65_535])],
    ['whose data exceeds it', message([record(1, [1, 2, 3, 4])]).subarray(0, -1)],
    ['with a pointer to itself', message([record(1, [1, 2, 3, 4], [0xc0, self])])],
    ['with a pointer forwards', message([record(1, [1, 2, 3, 4], [0xc0, self + 2])])],
    ['with a label of an unknown kind', message([record(1, [1, 2, 3, 4], [0x41, 0])])],
    ['with a name that is too long', message([record(1, [1, 2, 3, 4], [...new Array(130).fill([1, 0x61]).flat(), 0])])],
    ['with a name that exceeds it', message([Buffer.from([63, ...new Array(12).fill(1)])])],
    ['with an address of five bytes', message([record(1, [1, 2, 3, 4, 5])])],
    ['with an address of three bytes', message([record(1, [1, 2, 3])])],
    ['with an MX that is too short', message([record(15, [0])])],
    ['with a pointer into the header', message([record(1, [1, 2, 3, 4], [0xc0, 4])])],
    ['with an SOA that lacks its numbers', message([record(6, [...OWNER, ...OWNER])])],
    ['with an MX that has no name', message([record(15, [0, 10])])],
    ['with an OPT among its answers', message([Buffer.from([0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0])])],
  ])('%s', (_what, bytes) => expect(() => readResponse(bytes)).toThrow(BadMessage));
});

test('any input is either read or rejected with BadMessage', () => {
  const good = message([
    record(5, [1, 0x78, ...TO_OWNER]),
    record(6, [...TO_OWNER, 0, ...new Array(20).fill(7)]),
    record(16, [1, 65]),
  ]);
  const noise = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 12 });
  const cut = fc.nat(good.length - QUESTION_END);
  const mangled = fc.tuple(noise, cut).map(([changes, off]) => {
    const bytes = Buffer.from(good);
    for (const [at, byte] of changes) bytes[at] = byte;
    return bytes.subarray(0, bytes.length - off);
  });
  const random = fc.uint8Array({ minLength: QUESTION_END, maxLength: 200 }).map(bytes => Buffer.from(bytes));
  fc.assert(
    fc.property(fc.oneof(mangled, random), bytes => {
      try {
        const { message: left } = readResponse(bytes);
        expect(readRecords(left).at(-1)?.end ?? questionEnd(left)).toBe(left.length);
      } catch (error) {
        expect(error).toBeInstanceOf(BadMessage);
      }
    }),
    { numRuns: 3000 },
  );
});
