/**
 * Connections and bursts: pipelining, segments, limits, idle timeout (RFC 7766), and many datagrams at once.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { framed, hear, query } from './client.ts';
import { Served } from './serve.ts';
import { WORLD } from './world.ts';

const WEB = 'web.default.svc.cluster.local';

let served: Served;
beforeAll(async () => {
  served = await Served.start(WORLD, {}, { maxConnections: 40, idleMs: 400 });
});
afterAll(() => served.close());

describe('TCP', () => {
  test('answers 10,000 pipelined queries on one connection', async () => {
    const client = served.tcp();
    const messages = Array.from({ length: 10_000 }, (_, id) =>
      framed(query(id % 3 === 0 ? WEB : `n${id}.default.svc.cluster.local`, { id })),
    );
    client.write(Buffer.concat(messages));
    const ids = new Set<number>();
    for (let i = 0; i < messages.length; i++) ids.add((await client.next()).readUInt16BE(0));
    expect(ids.size).toBe(10_000);
  });

  test('answers a query that arrives byte by byte', async () => {
    const client = served.tcp();
    for (const byte of framed(query(WEB))) client.write(Buffer.of(byte));
    expect(hear(await client.next()).answers).toHaveLength(1);
  });

  test('answers all queries of a client that has closed its side', async () => {
    const client = served.tcp();
    client.write(Buffer.concat([framed(query(WEB)), framed(query(WEB))]));
    client.finish();
    expect(hear(await client.next()).answers).toHaveLength(1);
    expect(hear(await client.next()).answers).toHaveLength(1);
    await client.closed;
  });

  test('closes an idle connection', async () => {
    const client = served.tcp();
    client.write(Buffer.of(0));
    await client.closed;
    expect(client.ended).toBe(true);
  });

  test('closes the connection that was idle longest above the limit of connections', async () => {
    const clients = [];
    for (let i = 0; i < 45; i++) {
      const client = served.tcp();
      clients.push(client);
      expect(hear(await client.ask(query(WEB))).answers).toHaveLength(1);
    }
    await clients[0]?.closed;
    expect(hear(await served.tcp().ask(query(WEB))).answers).toHaveLength(1);
  });

  test('lets at most 100 queries of a connection wait, and answers all of them', async () => {
    let waiting = 0;
    let most = 0;
    const answer = { rcode: 0, authenticated: false, message: undefined };
    const resolve = async () => {
      waiting += 1;
      most = Math.max(most, waiting);
      await new Promise(done => setImmediate(done));
      waiting -= 1;
      return answer;
    };
    const slow = await Served.start(
      WORLD,
      {},
      { resolver: { resolve, cached: () => undefined, close: async () => undefined } },
    );
    const client = slow.tcp();
    client.write(Buffer.concat(Array.from({ length: 1000 }, (_, id) => framed(query(`n${id}.example.org`, { id })))));
    for (let i = 0; i < 1000; i++) await client.next();
    expect(most).toBe(100);
    await slow.close();
  });
});

describe('many at once over UDP', () => {
  test.each(['IPv4', 'IPv6'] as const)('each client gets its own answers (%s)', async family => {
    const resolve = async () => ({ rcode: 3, authenticated: false, message: undefined });
    const both = await Served.start(
      WORLD,
      {},
      { resolver: { resolve, cached: () => undefined, close: async () => undefined } },
    );
    const clients = Array.from({ length: 4 }, () => both.udp(family));
    for (let round = 0; round < 10; round++) {
      const asked = clients.flatMap((client, index) =>
        Array.from({ length: 30 }, async (_, i) => {
          const ours = (i + index) % 3 !== 0;
          // And messages that get no response.
          if (i % 10 === 0) client.send(query(WEB, { flags: 0x8000 }));
          const heard = hear(await client.ask(query(ours ? WEB : `n${round}-${i}.example.org`)));
          return ours ? heard.answers[0] === `${WEB} A 10.96.0.10` : heard.rcode === 'NXDOMAIN' && !heard.aa;
        }),
      );
      expect((await Promise.all(asked)).every(right => right)).toBe(true);
    }
    await both.close();
  });
});
