/**
 * Headers, EDNS, rejected messages, truncation (RFC 1035, 6891, 8482 and 9619).
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hear, query, TYPES, wireName } from './client.ts';
import { Served } from './serve.ts';
import { WORLD } from './world.ts';

const WEB = 'web.default.svc.cluster.local';

function manyPods(name: string, count: number, hostname: (i: number) => string = i => `pod-${i}`): string {
  const endpoints = Array.from(
    { length: count },
    (_, i) => `{ addresses: [10.9.${i >> 8}.${i & 255}], hostname: ${hostname(i)} }`,
  );
  return `apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: { clusterIP: None, ports: [{ name: http, port: 80 }] }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: ${name}-1, labels: { kubernetes.io/service-name: ${name} } }
addressType: IPv4
ports: [{ name: http, port: 8080 }]
endpoints: [${endpoints.join(', ')}]
---
`;
}

let served: Served;
beforeAll(async () => {
  const large = [manyPods('pods-20', 20), manyPods('pods-40', 40), manyPods('pods-100', 100)];
  served = await Served.start([WORLD, ...large].join(''), {});
});
afterAll(() => served.close());

const ask = (message: Buffer) => served.udp().ask(message);
const flagsOf = (answer: Buffer) => answer.readUInt16BE(2);
const optOf = (answer: Buffer) => hear(answer).packet.additionals?.find(record => record.type === 'OPT');

describe('the header', () => {
  test('copies id, RD and CD of the query, but not the reserved bit', async () => {
    for (const flags of [0x0000, 0x0100, 0x0110, 0x0010, 0x0140]) {
      const answer = await served.tcp().ask(query(WEB, { id: 0xbeef, flags }));
      expect(answer.readUInt16BE(0)).toBe(0xbeef);
      expect(flagsOf(answer), flags.toString(16)).toBe(0x8400 | (flags & 0x0110));
    }
  });

  test('repeats the question byte for byte, also from the cache', async () => {
    const client = served.udp();
    for (const name of [
      'WeB.dEfAuLt.SVC.Cluster.LOCAL',
      'web.default.svc.cluster.local',
      'wEB.DEFAULT.svc.cluster.local',
    ]) {
      const message = query(name);
      const answer = await client.ask(message);
      expect(answer.subarray(12, message.length)).toEqual(message.subarray(12));
      expect(hear(answer).answers).toEqual([`${WEB} A 10.96.0.10`]);
    }
  });

  test('sets RA if the server forwards queries', async () => {
    expect(hear(await ask(query(WEB))).ra).toBe(false);
    const forwarding = await Served.start(
      WORLD,
      {},
      { resolver: { resolve: async () => NOTHING, cached: () => undefined, close: async () => undefined } },
    );
    expect(hear(await forwarding.udp().ask(query(WEB))).ra).toBe(true);
    expect(hear(await forwarding.udp().ask(query('example.org'))).ra).toBe(true);
    await forwarding.close();
  });
  const NOTHING = { rcode: 0, authenticated: false, message: undefined };
});

describe('invalid queries', () => {
  const header = (flags: number, counts: readonly number[]) => {
    const bytes = Buffer.alloc(12);
    bytes.writeUInt16BE(flags, 2);
    for (const [index, count] of counts.entries()) bytes.writeUInt16BE(count, 4 + index * 2);
    return bytes;
  };
  const question = Buffer.concat([wireName(WEB), Buffer.of(0, 1, 0, 1)]);
  const OPT = Buffer.from('0000290400000000000000', 'hex');
  const COOKIE = Buffer.from('000029040000000000000c000a00080102030405060708', 'hex');
  const body = (...parts: Buffer[]) => Buffer.concat(parts);

  test.each([
    ['no question', body(header(0, [0, 0, 0, 0])), 'FORMERR'],
    ['no question but a cookie', body(header(0, [0, 0, 0, 1]), COOKIE), 'FORMERR'],
    ['two questions', body(header(0, [2, 0, 0, 0]), question, question), 'FORMERR'],
    ['an answer beside it', body(header(0, [1, 1, 0, 0]), question), 'FORMERR'],
    ['a pointer in the name', body(header(0, [1, 0, 0, 0]), Buffer.of(0xc0, 0x0c, 0, 1, 0, 1)), 'FORMERR'],
    [
      'a label of 64 bytes',
      body(header(0, [1, 0, 0, 0]), Buffer.of(64), Buffer.alloc(64), Buffer.of(0, 0, 1, 0, 1)),
      'FORMERR',
    ],
    ['a name that never ends', body(header(0, [1, 0, 0, 0]), Buffer.of(5, 97, 98)), 'FORMERR'],
    [
      'a name of 256 bytes',
      body(header(0, [1, 0, 0, 0]), wireName(`${'a'.repeat(62)}.`.repeat(4) + 'b'.repeat(2)), Buffer.of(0, 1, 0, 1)),
      'FORMERR',
    ],
    ['no class', body(header(0, [1, 0, 0, 0]), wireName(WEB), Buffer.of(0, 1)), 'FORMERR'],
    ['two OPT records', body(header(0, [1, 0, 0, 2]), question, OPT, OPT), 'FORMERR'],
    ['an OPT record with a name', body(header(0, [1, 0, 0, 1]), question, Buffer.of(1, 97), OPT), 'FORMERR'],
    ['an OPT record that ends too soon', body(header(0, [1, 0, 0, 1]), question, OPT.subarray(0, 8)), 'FORMERR'],
    [
      'an option longer than its record',
      body(header(0, [1, 0, 0, 1]), question, Buffer.from('0000290400000000000004000a0010', 'hex')),
      'FORMERR',
    ],
    ['a record that is announced and missing', body(header(0, [1, 0, 0, 1]), question), 'FORMERR'],
    ['type OPT', query(WEB, { type: 41 }), 'FORMERR'],
    ['NOTIFY', body(header(0x2000, [1, 0, 0, 0]), question), 'NOTIMP'],
    ['UPDATE', body(header(0x2800, [1, 0, 0, 0]), question), 'NOTIMP'],
    ['STATUS', body(header(0x1000, [0, 0, 0, 0])), 'NOTIMP'],
    ['class CHAOS', query('version.bind', { type: 16, class: 3 }), 'REFUSED'],
    ['class ANY', query(WEB, { class: 255 }), 'REFUSED'],
    ['class HESIOD', query(WEB, { class: 4 }), 'REFUSED'],
    ['AXFR', query('cluster.local', { type: 252 }), 'REFUSED'],
    ['IXFR', query('cluster.local', { type: 251 }), 'REFUSED'],
  ])('%s', async (_what, message, rcode) => {
    const heard = hear(await ask(message));
    expect({ rcode: heard.rcode, aa: heard.aa, answers: heard.answers }).toEqual({ rcode, aa: false, answers: [] });
  });

  test.each([
    ['an answer', query(WEB, { flags: 0x8100 })],
    ['half a header', Buffer.alloc(6)],
    ['nothing', Buffer.alloc(0)],
  ])('%s gets no response, and the next query does', async (_what, message) => {
    const client = served.udp();
    client.send(message);
    expect(hear(await client.ask(query(WEB))).answers).toHaveLength(1);
  });

  test('a name of 255 bytes is valid', async () => {
    const name = `${'a'.repeat(61)}.${'b'.repeat(61)}.${'c'.repeat(61)}.${'d'.repeat(53)}.cluster.local`;
    expect(wireName(name)).toHaveLength(255);
    expect(hear(await ask(query(name))).rcode).toBe('NXDOMAIN');
  });
});

describe('EDNS0', () => {
  test('responds with OPT only to queries with OPT', async () => {
    expect(optOf(await ask(query(WEB)))).toBeUndefined();
    expect(optOf(await ask(query(WEB, { edns: {} })))).toMatchObject({
      udpPayloadSize: 1232,
      ednsVersion: 0,
      flag_do: false,
    });
  });

  test('copies DO, but signs nothing', async () => {
    const answer = await ask(query(WEB, { edns: { dnssecOk: true } }));
    expect(optOf(answer)).toMatchObject({ flag_do: true });
    expect(hear(answer).answers).toEqual([`${WEB} A 10.96.0.10`]);
  });

  test('ignores unknown options', async () => {
    const options = Buffer.from('fde90003010203', 'hex');
    expect(hear(await ask(query(WEB, { edns: { options } }))).rcode).toBe('NOERROR');
  });

  test('rejects other versions with BADVERS', async () => {
    const answer = await ask(query(WEB, { edns: { version: 1 } }));
    expect(flagsOf(answer) & 0xf).toBe(0);
    expect(optOf(answer)).toMatchObject({ extendedRcode: 1, ednsVersion: 0 });
    expect(hear(answer).answers).toEqual([]);
  });
});

describe('answers that are too large', () => {
  test.each([
    { service: 'pods-20', payload: undefined, limit: 512, whole: true },
    { service: 'pods-40', payload: undefined, limit: 512, whole: false },
    { service: 'pods-40', payload: 512, limit: 512, whole: false },
    { service: 'pods-40', payload: 100, limit: 512, whole: false },
    { service: 'pods-40', payload: 800, limit: 800, whole: true },
    { service: 'pods-40', payload: 1232, limit: 1232, whole: true },
    { service: 'pods-100', payload: 1232, limit: 1232, whole: false },
    { service: 'pods-100', payload: 4096, limit: 1232, whole: false },
  ])('$service for a client that accepts $payload bytes', async ({ service, payload, limit, whole }) => {
    const client = served.udp();
    // Twice: the second answer comes from the cache.
    for (let i = 0; i < 2; i++) {
      const answer = await client.ask(
        query(`${service}.default.svc.cluster.local`, payload === undefined ? {} : { edns: { payload } }),
      );
      const heard = hear(answer);
      expect(answer.length).toBeLessThanOrEqual(limit);
      expect(heard.tc).toBe(!whole);
      expect(heard.answers.length).toBeGreaterThan(10);
      if (whole) expect(heard.answers).toHaveLength(Number(service.slice(5)));
    }
  });

  test('clients with different limits get their own answers', async () => {
    const client = served.udp();
    const name = 'pods-40.default.svc.cluster.local';
    for (const payload of [1232, 512, 1232, 700, 4096, 512]) {
      const answer = await client.ask(query(name, { edns: { payload } }));
      expect(answer.length).toBeLessThanOrEqual(Math.min(Math.max(payload, 512), 1232));
      expect(hear(answer).tc).toBe(payload < 800);
    }
  });

  test('lose all additional records first, and have TC', async () => {
    const name = '_http._tcp.pods-20.default.svc.cluster.local';
    const whole = hear(await served.tcp().ask(query(name, { type: TYPES.SRV ?? 0 })));
    expect([whole.answers.length, whole.additionals.length, whole.tc]).toEqual([20, 20, false]);
    const cut = hear(await ask(query(name, { type: TYPES.SRV ?? 0, edns: { payload: 1232 } })));
    expect(cut.tc).toBe(true);
    expect(cut.additionals).toEqual([]);
  });

  test('are complete over TCP', async () => {
    const heard = hear(await served.tcp().ask(query('pods-100.default.svc.cluster.local')));
    expect([heard.answers.length, heard.tc]).toEqual([100, false]);
  });
});
