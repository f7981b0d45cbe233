import { encode } from 'dns-packet';
import { expect, test } from 'vitest';
import { ttlOffsets } from './records.ts';

test('finds every TTL, also after compressed names, but not in OPT', () => {
  const message = encode({
    type: 'response',
    questions: [{ type: 'A', class: 'IN', name: 'www.example.org' }],
    answers: [
      { type: 'CNAME', class: 'IN', name: 'www.example.org', ttl: 7, data: 'web.example.org' },
      { type: 'A', class: 'IN', name: 'web.example.org', ttl: 8, data: '192.0.2.1' },
    ],
    authorities: [{ type: 'NS', class: 'IN', name: 'example.org', ttl: 9, data: 'ns.example.org' }],
    additionals: [
      {
        type: 'OPT',
        name: '.',
        udpPayloadSize: 1232,
        extendedRcode: 0,
        ednsVersion: 0,
        flags: 0,
        flag_do: false,
        options: [],
      },
      { type: 'TXT', class: 'IN', name: 'ns.example.org', ttl: 10, data: 'x' },
    ],
  });
  expect(ttlOffsets(message).map(at => message.readUInt32BE(at))).toEqual([7, 8, 9, 10]);
});

test('finds no TTL in a message without records', () => {
  expect(ttlOffsets(encode({ type: 'response', questions: [{ type: 'A', name: 'a' }] }))).toEqual([]);
});
