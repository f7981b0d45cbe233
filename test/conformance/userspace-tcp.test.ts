import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { UserspacePlane } from '../../src/planes/userspace/plane.ts';
import {
  ask,
  childNode,
  closed,
  codeOf,
  deadEndpoint,
  dial,
  echo,
  endpoint,
  eventually,
  named,
  newPlane,
  next,
  only,
  readAll,
  replica,
  route,
  set,
} from './userspace-kit.ts';

describe('userspace plane: TCP', () => {
  it.each(['random', 'round-robin', 'least-connections'] as const)(
    'spreads connections over replicas: %s',
    async balance => {
      const { plane } = newPlane({ balance });
      const endpoints = await Promise.all(['a', 'b', 'c'].map(name => replica(named(name))));
      const listener = only(await set(plane, route({ endpoints })));
      const answers = new Map<string, number>();
      for (let i = 0; i < 60; i++) {
        const answer = await ask(listener);
        answers.set(answer, (answers.get(answer) ?? 0) + 1);
      }
      expect([...answers.keys()].sort()).toEqual(['a', 'b', 'c']);
      if (balance === 'round-robin') expect([...answers.values()]).toEqual([20, 20, 20]);
      const [traffic] = plane.traffic();
      expect(traffic).toMatchObject({ accepted: 60, refused: 0, retried: 0, bytesIn: 60, bytesOut: 60 });
      expect([...(traffic?.byEndpoint.values() ?? [])].reduce((sum, n) => sum + n, 0)).toBe(60);
    },
  );

  it('sends a new connection to the less busy replica', async () => {
    const { plane } = newPlane();
    const endpoints = await Promise.all([replica(echo), replica(echo)]);
    const listener = only(await set(plane, route({ endpoints })));
    const sockets = [];
    for (let i = 0; i < 10; i++) {
      const socket = await dial(listener);
      socket.write('x');
      await next(socket);
      sockets.push(socket);
    }
    expect(endpoints.map(({ sockets }) => sockets.size)).toEqual([5, 5]);
  });

  it('tries another endpoint when one refuses, and ejects that one for a while', async () => {
    const { plane, events } = newPlane({ balance: 'round-robin' });
    const dead = await deadEndpoint();
    const listener = only(await set(plane, route({ endpoints: [dead, await replica(named('live'))] })));
    for (let i = 0; i < 20; i++) expect(await ask(listener)).toBe('live');
    expect(plane.traffic()[0]).toMatchObject({ accepted: 20, retried: 1, refused: 0 });
    expect(events).toEqual([
      expect.objectContaining({ event: 'endpoint-ejected', endpoint: `${dead.address}:${dead.port}`, forMs: 1_000 }),
    ]);
  });

  it('uses an ejected endpoint when no other is left, and restores it when it answers', async () => {
    const { plane } = newPlane();
    const dead = await deadEndpoint();
    const listener = only(await set(plane, route({ endpoints: [dead] })));
    expect(await codeOf(ask(listener))).toBe('ECONNRESET');
    await replica(named('back'), dead.address, dead.port);
    expect(await ask(listener)).toBe('back');
  });

  it('tries another endpoint when one does not answer in time', async () => {
    const mute = childNode(`
      import { createServer } from 'node:net';
      const server = createServer().listen({ host: '127.64.200.1', port: 0, backlog: 1 }, () => {
        process.send(server.address().port);
      });`);
    const port = Number(await mute.hear());
    mute.process.kill('SIGSTOP');
    // Its queue is full after a few clients; the kernel ignores later ones.
    for (let i = 0; i < 6; i++) void dial({ address: '127.64.200.1', port }).catch(() => {});
    const { plane, events } = newPlane({ balance: 'round-robin', connectTimeoutMs: 100 });
    const endpoints = [{ address: '127.64.200.1', port }, await replica(named('live'))];
    const listener = only(await set(plane, route({ endpoints })));
    for (let i = 0; i < 4; i++) expect(await ask(listener)).toBe('live');
    expect(events).toContainEqual(expect.objectContaining({ event: 'endpoint-ejected', code: 'ETIMEDOUT' }));
  });

  it('loses no request when a replica shuts down under load', async () => {
    const { plane } = newPlane({ balance: 'random' });
    const replicas = await Promise.all(['a', 'b', 'c'].map(name => replica(named(name))));
    const listener = only(await set(plane, route({ endpoints: replicas })));
    let done = 0;
    let stopped = false;
    const load = async () => {
      for (let i = 0; i < 150; i++) {
        expect(await ask(listener)).toMatch(/^[abc]$/);
        if (++done === 200) {
          // The listener closes, and the plane is not informed.
          for (const gone of replicas.slice(0, 2)) gone.stop();
          stopped = true;
        }
      }
    };
    await Promise.all([load(), load(), load(), load()]);
    expect(stopped).toBe(true);
    expect(plane.traffic()[0]).toMatchObject({ accepted: 600, refused: 0 });
  });

  it('loses no request when a replica is killed between requests', async () => {
    const killed = childNode(`
      import { createServer } from 'node:net';
      const server = createServer({ allowHalfOpen: true }, s => s.on('data', () => s.end('killed')).on('error', () => {}));
      server.listen(0, '127.64.200.2', () => process.send(server.address().port));`);
    const port = Number(await killed.hear());
    const { plane } = newPlane({ balance: 'round-robin' });
    const endpoints = [{ address: '127.64.200.2', port }, await replica(named('live'))];
    const listener = only(await set(plane, route({ endpoints })));
    const answers = [];
    for (let i = 0; i < 40; i++) {
      answers.push(await ask(listener));
      if (i === 19) {
        killed.process.kill('SIGKILL');
        await once(killed.process, 'exit');
      }
    }
    expect(answers.slice(0, 20)).toContain('killed');
    expect(new Set(answers.slice(20))).toEqual(new Set(['live']));
    expect(plane.traffic()[0]).toMatchObject({ refused: 0, retried: 1 });
  });

  it('resets the client when no endpoint answers, and logs the attempts', async () => {
    const { plane, events } = newPlane();
    const endpoints = await Promise.all([deadEndpoint(), deadEndpoint()]);
    const listener = only(await set(plane, route({ endpoints })));
    expect(await codeOf(ask(listener))).toBe('ECONNRESET');
    expect(plane.traffic()[0]).toMatchObject({ accepted: 1, refused: 1, retried: 1 });
    const failed = events.find(event => event.event === 'connect-failed');
    expect(failed).toMatchObject({ client: '127.0.0.1', unreported: 0 });
    expect(failed?.event === 'connect-failed' && failed.tried.map(({ code }) => code)).toEqual([
      'ECONNREFUSED',
      'ECONNREFUSED',
    ]);
    await eventually('no connection is open', () => plane.traffic()[0]?.active === 0);
  });

  it('keeps half-closed connections open in both directions', async () => {
    const { plane } = newPlane();
    const late = await replica(socket => {
      let text = '';
      socket.on('data', chunk => {
        text += chunk;
      });
      socket.on('end', () => socket.end(`after your end: ${text}`));
    });
    const early = await replica(socket => {
      let text = '';
      socket.end('mine first');
      socket.on('data', chunk => {
        text += chunk;
      });
      socket.on('end', () => heard(text));
    });
    let heard: (text: string) => void = () => {};
    const upload = new Promise<string>(resolve => {
      heard = resolve;
    });
    const [one, two] = await set(
      plane,
      route({ service: 'default/late', endpoints: [late] }),
      route({ service: 'default/early', endpoints: [early] }),
    );
    if (one === undefined || two === undefined) throw new Error('not both');
    const first = await dial(one);
    first.end('all of it');
    expect(await readAll(first)).toBe('after your end: all of it');
    const second = await dial(two);
    expect(await readAll(second)).toBe('mine first');
    second.end('still here');
    expect(await upload).toBe('still here');
    await eventually('no connection is open', () => plane.traffic().every(({ active }) => active === 0));
  });

  it('passes a reset on in both directions, and keeps running', async () => {
    const { plane } = newPlane();
    const errors: string[] = [];
    const backend = await replica(socket => {
      socket.on('error', error => errors.push('code' in error ? String(error.code) : ''));
      socket.on('data', chunk => {
        if (String(chunk) === 'reset me') socket.resetAndDestroy();
        else socket.write(chunk);
      });
    });
    const listener = only(await set(plane, route({ endpoints: [backend] })));
    for (let i = 0; i < 20; i++) {
      const bad = await dial(listener);
      bad.write('hello');
      await next(bad);
      bad.resetAndDestroy();
    }
    await eventually('all resets arrived', () => errors.length === 20);
    expect(new Set(errors)).toEqual(new Set(['ECONNRESET']));
    // Resets before any data was sent, while no reader waits.
    for (let i = 0; i < 20; i++) (await dial(listener)).resetAndDestroy();
    const client = await dial(listener);
    client.write('reset me');
    const [error] = await once(client, 'error');
    expect(error).toMatchObject({ code: 'ECONNRESET' });
    const good = await dial(listener);
    good.write('still there?');
    expect(await next(good)).toBe('still there?');
  });

  it('buffers a bounded amount for a slow client: the sender stops, and continues when the client reads', async () => {
    const { plane } = newPlane();
    const total = 192 * 1024 * 1024;
    let written = 0;
    const block = Buffer.alloc(64 * 1024, 'b');
    const backend = await replica(socket => {
      const fill = () => {
        while (written < total) {
          written += block.length;
          if (!socket.write(block)) return;
        }
        socket.end();
      };
      socket.on('drain', fill);
      fill();
    });
    const listener = only(await set(plane, route({ endpoints: [backend] })));
    const client = await dial(listener);
    let last = -1;
    let same = 0;
    await eventually('the sender stops', () => {
      same = written === last ? same + 1 : 0;
      last = written;
      return same > 40;
    });
    expect(written).toBeLessThan(64 * 1024 * 1024);
    let read = 0;
    client.on('data', chunk => {
      read += chunk.length;
    });
    await once(client, 'end');
    expect(read).toBe(written);
    client.end();
  });

  it('buffers a bounded amount for a slow endpoint', async () => {
    const { plane } = newPlane();
    const backend = await replica(socket => socket.pause());
    const listener = only(await set(plane, route({ endpoints: [backend] })));
    const client = await dial(listener);
    const block = Buffer.alloc(64 * 1024);
    let taken = 0;
    const count = () => {
      taken += block.length;
    };
    const fill = () => {
      while (client.write(block, count));
    };
    client.on('drain', fill);
    fill();
    let last = -1;
    let same = 0;
    await eventually('the client stops', () => {
      same = taken === last ? same + 1 : 0;
      last = taken;
      return same > 40;
    });
    expect(taken).toBeLessThan(64 * 1024 * 1024);
    const [socket] = backend.sockets;
    let read = 0;
    socket?.on('data', chunk => {
      read += chunk.length;
    });
    socket?.resume();
    await eventually('it goes on', () => taken > last && read > last);
  });

  it('carries bytes unchanged in both directions at once, with fast and slow readers', async () => {
    const { plane } = newPlane();
    const listener = only(await set(plane, route({ endpoints: [await replica(echo)] })));
    const payload = Buffer.alloc(8 * 1024 * 1024);
    for (let i = 0; i < payload.length; i += 4) payload.writeUInt32LE(Math.imul(i, 2_654_435_761) >>> 0, i);
    await Promise.all(
      [1, 2, 3].map(async n => {
        const client = await dial(listener);
        client.end(payload);
        const chunks: Buffer[] = [];
        for await (const chunk of client) {
          chunks.push(chunk);
          if (chunks.length % (3 * n) === 0) await new Promise(resolve => setImmediate(resolve));
        }
        expect(Buffer.concat(chunks).equals(payload)).toBe(true);
      }),
    );
  });

  it('keeps a client on its endpoint (ClientIP) until the timeout', async () => {
    let now = 0;
    const { plane } = newPlane({ balance: 'round-robin', now: () => now });
    const replicas = await Promise.all(['a', 'b', 'c', 'd'].map(name => replica(named(name))));
    const sticky = { affinityTimeoutSeconds: 100, endpoints: replicas };
    const listener = only(await set(plane, route(sticky)));
    const mine = await ask(listener, '127.0.0.2');
    const theirs = await ask(listener, '127.0.0.3');
    expect(theirs).not.toBe(mine);
    now += 99_000;
    expect(await ask(listener, '127.0.0.2')).toBe(mine);
    now += 99_000; // counts from the last connection
    expect(await ask(listener, '127.0.0.2')).toBe(mine);
    // Other endpoints leave and the port gets another number, which does not concern this client.
    const own = replicas.filter((_, i) => 'abcd'[i] === mine || 'abcd'[i] === theirs);
    const renumbered = only(await set(plane, route({ ...sticky, port: 8081, endpoints: own })));
    for (let i = 0; i < 5; i++) expect(await ask(renumbered, '127.0.0.2')).toBe(mine);
    // Its endpoint leaves: the plane chooses another one and keeps to it.
    const rest = own.filter((_, i) => own.length > 1 && i !== own.findIndex(r => 'abcd'[replicas.indexOf(r)] === mine));
    await set(plane, route({ ...sticky, port: 8081, endpoints: rest }));
    expect(await ask(renumbered, '127.0.0.2')).toBe(theirs);
    await set(plane, route({ ...sticky, port: 8081 }));
    expect(await ask(renumbered, '127.0.0.2')).toBe(theirs);
    now += 100_000;
    const after = new Set([await ask(renumbered, '127.0.0.2'), await ask(renumbered, '127.0.0.9')]);
    expect(after.size).toBe(2);
  });

  it('moves the affinity to another endpoint when the current one refuses', async () => {
    const { plane } = newPlane();
    const replicas = await Promise.all(['a', 'b', 'c'].map(name => replica(named(name))));
    const listener = only(await set(plane, route({ affinityTimeoutSeconds: 100, endpoints: replicas })));
    const first = await ask(listener);
    replicas['abc'.indexOf(first)]?.stop();
    const second = await ask(listener);
    expect(second).not.toBe(first);
    for (let i = 0; i < 5; i++) expect(await ask(listener)).toBe(second);
  });

  it('keeps open connections when their endpoint is removed', async () => {
    const { plane } = newPlane();
    const old = await replica(echo);
    const listener = only(await set(plane, route({ endpoints: [old] })));
    const client = await dial(listener);
    client.write('before');
    expect(await next(client)).toBe('before');
    await set(plane, route({ endpoints: [await replica(named('new'))] }));
    client.write('after');
    expect(await next(client)).toBe('after');
    expect(await ask(listener)).toBe('new');
    await set(plane, route());
    client.write('with none left');
    expect(await next(client)).toBe('with none left');
  });

  it('holds a dropped connection silently, and then resets it', async () => {
    const { plane } = newPlane({ connectTimeoutMs: 100 });
    const endpoints = [await replica(named('elsewhere'))];
    const listeners = await set(
      plane,
      route({
        endpoints,
        internal: { kind: 'drop' },
        external: { kind: 'drop' },
        frontends: [
          { kind: 'clusterIP', address: undefined, port: 8080 },
          { kind: 'nodePort', port: undefined },
        ],
      }),
    );
    expect(await codeOf(ask(only(listeners, 'clusterIP')))).toBe('ECONNRESET');
    // externalTrafficPolicy does not apply to the node itself (service semantics 4.5).
    expect(await ask(only(listeners, 'nodePort'))).toBe('elsewhere');
  });

  it('allows only clients in the source ranges, and this machine, to a load balancer', async () => {
    const { resolveOptions } = await import('../../src/planes/userspace/options.ts');
    const { Machine } = await import('../../src/system/index.ts');
    /** On one machine every client is local; this machine treats 127.7.0.0/16 as outside. */
    class Porous extends Machine {
      override isSelf(client: string): boolean {
        return !client.startsWith('127.7.');
      }
    }
    const plane = new UserspacePlane(resolveOptions({}), new Porous(() => 0));
    const listeners = await set(
      plane,
      route({
        endpoints: [await replica(named('in'))],
        external: { kind: 'endpoints', endpoints: [endpoint(await replica(named('outside')))] },
        sourceRanges: [{ family: 'IPv4', network: '127.7.1.0', prefix: 24 }],
        frontends: [
          { kind: 'loadBalancer', address: undefined, port: 8099 },
          { kind: 'nodePort', port: undefined },
        ],
      }),
    );
    const balancer = only(listeners, 'loadBalancer');
    expect(await ask(balancer)).toBe('in');
    expect(await ask(balancer, '127.7.1.9')).toBe('outside');
    expect(await codeOf(ask(balancer, '127.7.2.9'))).toBe('ECONNRESET');
    expect(await ask(only(listeners, 'nodePort'), '127.7.2.9')).toBe('outside');
    await plane.close({ drainMs: 0 });
  });

  it('drains on close: refuses new clients, and lets open connections finish until the deadline', async () => {
    const { plane } = newPlane();
    const listener = only(await set(plane, route({ endpoints: [await replica(echo)] })));
    const patient = await dial(listener);
    patient.write('x');
    await next(patient);
    const closing = plane.close({ drainMs: 60_000 });
    await eventually('no client is accepted', async () => (await codeOf(dial(listener))) === 'ECONNREFUSED');
    patient.end('last words');
    expect(await readAll(patient)).toBe('last words');
    await closing;

    const second = newPlane().plane;
    const again = only(await set(second, route({ endpoints: [await replica(echo)] })));
    const stubborn = await dial(again);
    stubborn.write('x');
    await next(stubborn);
    await Promise.all([second.close({ drainMs: 20 }), closed(stubborn)]);
    const late = { type: 'set', route: route() } as const;
    expect((await second.apply([late])).outcomes).toMatchObject([{ failure: 'the userspace plane is closed' }]);
    expect(await second.observe()).toEqual([]);
  });
});
