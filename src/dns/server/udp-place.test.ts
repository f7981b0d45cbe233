import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { ObjectStore } from '../../world/index.ts';
import { createDns } from '../dns.ts';
import { ClientRate } from './client-rate.ts';
import { UdpPlace } from './udp-place.ts';

/** A question for `.`, type SOA. */
const QUESTION = Buffer.from('1234010000010000000000000000060001', 'hex');

test('a system that cannot say its addresses leaves the socket that has none', async () => {
  const { responder, statistics } = createDns({ store: new ObjectStore() });
  const options = { responder, statistics, rate: new ClientRate(10), now: () => performance.now(), shared: false };
  const place = await UdpPlace.open({ address: '0.0.0.0', port: 0 }, options, () => {
    throw new Error('EMFILE');
  });
  const asker = createSocket('udp4');
  try {
    asker.send(QUESTION, place.port, '127.0.0.1');
    const [answer]: Buffer[] = await once(asker, 'message');
    expect(answer?.readUInt16BE(0)).toBe(0x1234);
  } finally {
    asker.close();
    await place.close();
  }
});
