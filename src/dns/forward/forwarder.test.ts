import { describe, expect, test } from 'vitest';
import { addresses, forwarder, question, upstream } from '../../../test/support/dns-forwarder.ts';
import { addressed, answerTo, recordsOf } from '../../../test/support/dns-upstream.ts';

describe('a query to an upstream', () => {
  test('has the question byte for byte, its own id, OPT with 1232 bytes, and the flags of the client', async () => {
    const server = await upstream(addressed('192.0.2.1'));
    const { forwarder: it } = await forwarder([server]);
    await it.resolve(question('WwW.ExAmPle.com', { dnssecOk: true, checkingDisabled: true }));
    const { message, name, end } = await server.received(1);
    expect(name).toBe('WwW.ExAmPle.com');
    expect(message.readUInt16BE(2)).toBe(0x0130);
    expect([...message.subarray(end)]).toEqual([0, 0, 41, 1232 >> 8, 1232 & 255, 0, 0, 0x80, 0, 0, 0]);
  });

  test('has another id and another source port each time', async () => {
    const server = await upstream(addressed('192.0.2.1', 0));
    const { forwarder: it } = await forwarder([server]);
    for (let i = 0; i < 40; i++) await it.resolve(question(`n${i}.example`));
    expect(new Set(server.queries.map(query => query.message.readUInt16BE(0))).size).toBeGreaterThan(30);
    expect(new Set(server.queries.map(query => query.from)).size).toBeGreaterThan(20);
  });

  test('is repeated without EDNS if the server does not support it', async () => {
    const server = await upstream(query => {
      if (query.message.length > query.end) query.send(answerTo(query, { rcode: 1 }));
      else addressed('192.0.2.1')(query);
    });
    const { forwarder: it } = await forwarder([server]);
    expect(addresses(await it.resolve(question('old.example')))).toEqual(['192.0.2.1']);
  });
});

describe('a response', () => {
  test('with another id, question, case or without QR is dropped and counted', async () => {
    const server = await upstream(query => {
      const good = answerTo(query, { answers: [{ name: query.name, type: 'A', ttl: 9, data: '192.0.2.66' }] });
      const change = (offset: number, bits: number) => {
        const bad = Buffer.from(good);
        bad[offset] = (bad[offset] ?? 0) ^ bits;
        query.send(bad);
      };
      change(1, 1);
      change(13, 0x20);
      change(13, 1);
      change(2, 0x80);
      change(query.end - 3, 1);
      query.send(Buffer.alloc(3));
      query.send(Buffer.alloc(0));
      addressed('192.0.2.1')(query);
    });
    const { forwarder: it } = await forwarder([server]);
    expect(addresses(await it.resolve(question('www.example')))).toEqual(['192.0.2.1']);
    expect(it.metrics().upstreams[0]?.counters.dropped).toBe(7);
  });

  test('from another port never arrives', async () => {
    const liar = await upstream();
    const server = await upstream();
    const { forwarder: it } = await forwarder([server]);
    const asked = it.resolve(question('www.example'));
    const query = await server.received(1);
    const forged = answerTo(query, { answers: [{ name: query.name, type: 'A', ttl: 9, data: '192.0.2.66' }] });
    await liar.sendTo(forged, query.from);
    addressed('192.0.2.1')(query);
    expect(addresses(await asked)).toEqual(['192.0.2.1']);
  });

  test('that is truncated makes the forwarder repeat the query over TCP', async () => {
    const server = await upstream(query => {
      if (query.via === 'udp') query.send(answerTo(query, { flags: 0x0200 }));
      else {
        const answers = Array.from({ length: 300 }, (_, i) => ({
          name: query.name,
          type: 'A' as const,
          ttl: 60,
          data: `192.0.${i >> 8}.${i & 255}`,
        }));
        query.send(answerTo(query, { answers }));
      }
    });
    const { forwarder: it } = await forwarder([server]);
    expect(recordsOf(await it.resolve(question('many.example'))).answers).toHaveLength(300);
    expect(server.queries.map(query => query.via)).toEqual(['udp', 'tcp']);
  });

  test('passes on the AD bit, but not OPT', async () => {
    const opt = {
      name: '.',
      type: 'OPT' as const,
      udpPayloadSize: 1232,
      extendedRcode: 0,
      ednsVersion: 0,
      flags: 0,
      flag_do: false,
      options: [],
    };
    const server = await upstream(query => query.send(answerTo(query, { rcode: 3, flags: 0x20, additionals: [opt] })));
    const { forwarder: it } = await forwarder([server]);
    const answer = await it.resolve(question('www.example'));
    expect(answer).toMatchObject({ rcode: 3, authenticated: true });
    expect(recordsOf(answer).additionals).toEqual([]);
  });
});

describe('queries at the same time', () => {
  test('that are equal apart from case are sent once', async () => {
    const server = await upstream();
    const { forwarder: it } = await forwarder([server]);
    const asked = ['www.example', 'WWW.example', 'www.EXAMPLE'].map(name => it.resolve(question(name)));
    const other = it.resolve(question('www.example', { type: 28 }));
    await server.received(2);
    for (const query of server.queries) addressed('192.0.2.1')(query);
    expect((await Promise.all(asked)).map(addresses)).toEqual([['192.0.2.1'], ['192.0.2.1'], ['192.0.2.1']]);
    await other;
    expect(server.queries).toHaveLength(2);
    expect(it.metrics()).toMatchObject({ joined: 2, cacheMisses: 2, inFlight: 0 });
  });

  test('above the limit of different queries are rejected', async () => {
    const server = await upstream();
    const { forwarder: it } = await forwarder([server], { maxInFlight: 1 });
    const first = it.resolve(question('a.example'));
    expect(await it.resolve(question('b.example'))).toMatchObject({ rcode: 2, extendedError: { code: 0 } });
    addressed('192.0.2.1')(await server.received(1));
    expect(addresses(await first)).toEqual(['192.0.2.1']);
    expect(it.metrics().turnedAway).toBe(1);
  });

  test('above the limit of equal queries are rejected', async () => {
    const server = await upstream();
    const { forwarder: it } = await forwarder([server], { maxJoined: 2 });
    const asked = [1, 2, 3].map(() => it.resolve(question('a.example')));
    expect(await it.resolve(question('a.example'))).toMatchObject({ rcode: 2, extendedError: { code: 0 } });
    addressed('192.0.2.1', 0)(await server.received(1));
    expect((await Promise.all(asked)).map(addresses)).toEqual([['192.0.2.1'], ['192.0.2.1'], ['192.0.2.1']]);
    const again = [1, 2].map(() => it.resolve(question('a.example')));
    addressed('192.0.2.2', 0)(await server.received(2));
    expect((await Promise.all(again)).map(addresses)).toEqual([['192.0.2.2'], ['192.0.2.2']]);
    expect(it.metrics()).toMatchObject({ turnedAway: 1, joined: 3 });
  });

  test('are answered when the forwarder closes', async () => {
    const server = await upstream();
    const { forwarder: it } = await forwarder([server]);
    const asked = it.resolve(question('a.example'));
    await server.received(1);
    await it.close();
    expect(await asked).toMatchObject({ rcode: 2 });
  });
});
