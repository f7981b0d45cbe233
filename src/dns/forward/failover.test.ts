import { describe, expect, test } from 'vitest';
import { addresses, forwarder, question, upstream } from '../../../test/support/dns-forwarder.ts';
import { addressed, answerTo, FakeUpstream } from '../../../test/support/dns-upstream.ts';
import type { ManualClock } from '../../../test/support/manual-clock.ts';

/** Waits for a query, then lets it time out. */
async function timesOut(clock: ManualClock, asked: Promise<unknown>, milliseconds: number): Promise<void> {
  await asked;
  clock.advance(milliseconds);
}

const SILENT_PORT_REASON = /ECONNREFUSED/;

describe('upstreams', () => {
  test('are queried in order, and one that fails is left out', async () => {
    const gone = await FakeUpstream.start();
    const dead = { address: gone.address, port: gone.port };
    await gone.close();
    const second = await upstream(addressed('192.0.2.2', 0));
    const { forwarder: it, events } = await forwarder([dead, second]);
    expect(addresses(await it.resolve(question('a.example')))).toEqual(['192.0.2.2']);
    expect(addresses(await it.resolve(question('b.example')))).toEqual(['192.0.2.2']);
    expect(events.filter(event => event.kind === 'down')).toEqual([
      { kind: 'down', upstream: `127.0.0.1:${dead.port}`, why: expect.stringMatching(SILENT_PORT_REASON) },
    ]);
    expect(it.metrics().upstreams).toMatchObject([{ state: 'down', counters: { failures: 1 } }, { state: 'up' }]);
  });

  test('are probed with growing delays, and used again when they respond', async () => {
    const first = await upstream();
    const second = await upstream(addressed('192.0.2.2', 0));
    const { forwarder: it, clock, events } = await forwarder([first, second]);
    for (const [index, name] of ['a.example', 'b.example'].entries()) {
      const asked = it.resolve(question(name));
      await timesOut(clock, first.received(index + 1), 2000);
      expect(addresses(await asked)).toEqual(['192.0.2.2']);
    }
    expect(events.at(-1)).toMatchObject({ kind: 'down', why: 'timeout' });
    // The probes come after one second, then two.
    clock.advance(1000);
    expect((await first.received(3)).name).toBe('.');
    await untilWaiting(clock, 1);
    clock.advance(2000);
    await untilWaiting(clock, 1);
    first.onQuery = addressed('192.0.2.1', 0);
    clock.advance(2000);
    await until(() => events.at(-1)?.kind === 'up');
    expect(addresses(await it.resolve(question('c.example')))).toEqual(['192.0.2.1']);
  });

  test('that respond with an error are skipped if another has an answer', async () => {
    const first = await upstream(query => query.send(answerTo(query, { rcode: 5 })));
    const second = await upstream(addressed('192.0.2.2'));
    const { forwarder: it } = await forwarder([first, second]);
    expect(addresses(await it.resolve(question('a.example')))).toEqual(['192.0.2.2']);
    second.onQuery = query => query.send(answerTo(query, { rcode: 2 }));
    expect((await it.resolve(question('b.example'))).rcode).toBe(5);
    expect(it.metrics().upstreams).toMatchObject([{ state: 'up' }, { state: 'up' }]);
  });

  test('that send a malformed response are skipped for this query only', async () => {
    const first = await upstream(query =>
      query.send(
        Buffer.concat([answerTo(query, {}).subarray(0, 6), Buffer.alloc(6, 9), query.message.subarray(12, query.end)]),
      ),
    );
    const second = await FakeUpstream.start(addressed('192.0.2.2', 0));
    const { forwarder: it } = await forwarder([first, second]);
    expect(addresses(await it.resolve(question('a.example')))).toEqual(['192.0.2.2']);
    expect(it.metrics().upstreams).toMatchObject([{ state: 'up', counters: { failures: 1 } }, { state: 'up' }]);
    await second.close();
    expect(await it.resolve(question('b.example'))).toMatchObject({ rcode: 2, extendedError: { code: 23 } });
  });

  test('that all time out lead to SERVFAIL after five seconds, with the reason', async () => {
    const server = await upstream();
    const { forwarder: it, clock } = await forwarder([server]);
    const asked = it.resolve(question('a.example'));
    await timesOut(clock, server.received(1), 2000);
    await timesOut(clock, server.received(2), 2000);
    await timesOut(clock, server.received(3), 1000);
    expect(await asked).toMatchObject({
      rcode: 2,
      extendedError: { code: 22, text: `127.0.0.1:${server.port}: timeout` },
    });
    expect(clock.now()).toBe(5000);
  });

  test('that need more than one try are used: the answer to any send counts', async () => {
    const server = await upstream();
    const { forwarder: it, clock, events } = await forwarder([server]);
    for (const [round, waitMs] of [2500, 4500].entries()) {
      const before = server.queries.length;
      const asked = it.resolve(question(`slow${round}.example`));
      const first = await server.received(before + 1);
      for (let waited = 2000; waited <= waitMs; waited += 2000) {
        clock.advance(2000);
        const again = await server.received(before + 1 + waited / 2000);
        // The same socket and id, so that the late answer still arrives.
        expect([again.from, again.message]).toEqual([first.from, first.message]);
      }
      clock.advance(waitMs % 2000);
      addressed('192.0.2.1', 0)(first);
      expect(addresses(await asked)).toEqual(['192.0.2.1']);
      expect(clock.waiting).toBe(0);
    }
    expect(it.metrics().upstreams).toMatchObject([{ state: 'up' }]);
    expect(events.filter(event => event.kind === 'down')).toEqual([]);
  });

  test('that need more than one try are used if they are the last ones', async () => {
    const silent = await upstream();
    const slow = await upstream();
    const { forwarder: it, clock } = await forwarder([silent, slow]);
    const asked = it.resolve(question('slow.example'));
    await timesOut(clock, silent.received(1), 2000);
    const first = await slow.received(1);
    await timesOut(clock, slow.received(1), 2500);
    addressed('192.0.2.1')(first);
    expect(addresses(await asked)).toEqual(['192.0.2.1']);
  });

  test('that do not exist lead to SERVFAIL at once', async () => {
    const { forwarder: it } = await forwarder([]);
    expect(await it.resolve(question('a.example'))).toMatchObject({ rcode: 2, extendedError: { code: 22 } });
  });

  test('of the longest matching zone get a query, and no others even if they fail', async () => {
    const other = await upstream(addressed('192.0.2.1'));
    const corp = await upstream(addressed('192.0.2.2'));
    const lab = await FakeUpstream.start();
    const at = (server: FakeUpstream, zone: string) => ({ zone, address: server.address, port: server.port });
    const { forwarder: it } = await forwarder([other, at(corp, 'corp.example'), at(lab, 'lab.corp.example.')]);
    await lab.close();
    expect(addresses(await it.resolve(question('www.example')))).toEqual(['192.0.2.1']);
    expect(addresses(await it.resolve(question('xcorp.example')))).toEqual(['192.0.2.1']);
    expect(addresses(await it.resolve(question('db.CORP.example')))).toEqual(['192.0.2.2']);
    expect((await it.resolve(question('x.lab.corp.example'))).extendedError).toMatchObject({ code: 23 });
    expect(other.queries).toHaveLength(2);
    expect(corp.queries).toHaveLength(1);
  });

  test('that forward queries back to us are excluded', async () => {
    const ring = await upstream();
    const good = await upstream(addressed('192.0.2.2'));
    const { forwarder: it, events } = await forwarder([ring, good]);
    ring.onQuery = async query => {
      const back = await it.resolve({ ...question('x'), name: query.message.subarray(12, query.end - 4) });
      query.send(answerTo(query, { rcode: back.rcode }));
    };
    await it.checkLoops();
    expect(events.filter(event => event.kind === 'loop')).toEqual([
      { kind: 'loop', upstream: `127.0.0.1:${ring.port}` },
    ]);
    expect(good.queries[0]?.name).toMatch(/^loop\.[0-9a-f]{16}\.switchboard\.internal$/);
    expect(addresses(await it.resolve(question('a.example')))).toEqual(['192.0.2.2']);
    expect(ring.queries).toHaveLength(1);
    expect(it.isLoopProbe(question('loop.0123456789abcdef.switchboard.internal').name)).toBe(false);
    expect(it.isLoopProbe(question('www.example').name)).toBe(false);
  });
});

async function untilWaiting(clock: ManualClock, count: number): Promise<void> {
  await until(() => clock.waiting === count);
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(done => setImmediate(done));
}
