/** Upstream servers that do not support EDNS, or TCP. */
import { describe, expect, test } from 'vitest';
import { addresses, forwarder, question, upstream } from '../../../test/support/dns-forwarder.ts';
import { addressed, answerTo, type ReceivedQuery } from '../../../test/support/dns-upstream.ts';

const hasOpt = ({ message, end }: ReceivedQuery) => message.length > end;

/** A header without a question, as servers respond to a query that they cannot read. */
function bareHeader({ message }: ReceivedQuery, rcode: number): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt16BE(message.readUInt16BE(0), 0);
  header.writeUInt16BE(0x8000 | rcode, 2);
  return header;
}

describe('a server that rejects EDNS with a bare header', () => {
  const old = (query: ReceivedQuery) => {
    if (hasOpt(query)) query.send(bareHeader(query, 1));
    else addressed('192.0.2.1', 0)(query);
  };

  test('is queried again without EDNS at once', async () => {
    const server = await upstream(old);
    const { forwarder: it, clock } = await forwarder([server]);
    expect(addresses(await it.resolve(question('old.example')))).toEqual(['192.0.2.1']);
    expect([server.queries.map(hasOpt), clock.now()]).toEqual([[true, false], 0]);
    expect(it.metrics().upstreams).toMatchObject([{ state: 'up', counters: { dropped: 0 } }]);
  });

  test('is queried without EDNS for 15 minutes, then with it again', async () => {
    const server = await upstream(old);
    const { forwarder: it, clock } = await forwarder([server]);
    for (const name of ['a.example', 'b.example']) await it.resolve(question(name));
    expect(server.queries.map(hasOpt)).toEqual([true, false, false]);
    clock.advance(15 * 60_000);
    await it.resolve(question('c.example'));
    expect(server.queries.map(hasOpt).slice(3)).toEqual([true, false]);
  });

  test('does not make the forwarder believe a bare header with another id, or one that denies the name', async () => {
    const server = await upstream(query => {
      const forged = bareHeader(query, 1);
      forged.writeUInt16BE(forged.readUInt16BE(0) ^ 1, 0);
      query.send(forged);
      query.send(bareHeader(query, 3));
      query.send(bareHeader(query, 0));
      addressed('192.0.2.1')(query);
    });
    const { forwarder: it } = await forwarder([server]);
    expect(addresses(await it.resolve(question('www.example')))).toEqual(['192.0.2.1']);
    expect(server.queries).toHaveLength(1);
    expect(it.metrics().upstreams[0]?.counters.dropped).toBe(3);
  });

  test('passes its error on with the question if it rejects the query without EDNS, too', async () => {
    const server = await upstream(query => query.send(bareHeader(query, 1)));
    const { forwarder: it } = await forwarder([server]);
    const { rcode, message } = await it.resolve(question('www.example'));
    expect([rcode, message?.readUInt16BE(4), message?.subarray(12, -4)]).toEqual([1, 1, question('www.example').name]);
    // It may be the query, so the server is not known to lack EDNS.
    await it.resolve(question('other.example'));
    expect(server.queries.map(hasOpt)).toEqual([true, false, true, false]);
  });
});

describe('a server whose TCP side is broken', () => {
  /** Truncates the answers for `large.example`, and closes TCP connections. */
  const broken = (query: ReceivedQuery) => {
    if (query.via === 'tcp') query.close();
    else if (query.name === 'large.example') query.send(answerTo(query, { flags: 0x0200 }));
    else addressed('192.0.2.1')(query);
  };

  test('stays in use for other names, and its truncated answer is passed on', async () => {
    const server = await upstream(broken);
    const { forwarder: it, events } = await forwarder([server]);
    expect(await it.resolve(question('large.example'))).toMatchObject({ rcode: 0, truncated: true });
    expect(addresses(await it.resolve(question('small.example')))).toEqual(['192.0.2.1']);
    expect(events.filter(({ kind }) => kind === 'down')).toEqual([]);
    expect(it.metrics().upstreams).toMatchObject([{ state: 'up', counters: { failures: 1 } }]);
  });

  test('stays in use if TCP times out', async () => {
    const server = await upstream(query => {
      if (query.via === 'udp') broken(query);
    });
    const { forwarder: it, clock } = await forwarder([server]);
    const asked = it.resolve(question('large.example'));
    await server.received(2);
    clock.advance(2000);
    expect(await asked).toMatchObject({ truncated: true });
    expect(it.metrics().upstreams).toMatchObject([{ state: 'up' }]);
  });

  test('is followed by a server that has the whole answer', async () => {
    const second = await upstream(addressed('192.0.2.2'));
    const { forwarder: it } = await forwarder([await upstream(broken), second]);
    expect(addresses(await it.resolve(question('large.example')))).toEqual(['192.0.2.2']);
  });

  test('has its truncated answer passed on if the others only fail', async () => {
    const refusing = await upstream(query => query.send(answerTo(query, { rcode: 5 })));
    const silent = await upstream();
    const { forwarder: it, clock } = await forwarder([refusing, await upstream(broken), silent]);
    const asked = it.resolve(question('large.example'));
    await silent.received(1);
    clock.advance(2000);
    expect(await asked).toMatchObject({ rcode: 0, truncated: true });
    expect([clock.now(), silent.queries.length]).toEqual([2000, 1]);
  });

  test('is asked for the same name once a second', async () => {
    const server = await upstream(broken);
    const { forwarder: it, clock } = await forwarder([server]);
    await it.resolve(question('large.example'));
    clock.advance(999);
    expect(it.cached(question('large.example'))).toMatchObject({ truncated: true });
    clock.advance(1);
    expect(it.cached(question('large.example'))).toBeUndefined();
  });
});
