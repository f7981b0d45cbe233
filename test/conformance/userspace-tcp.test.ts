import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { UserspacePlane } from '../../src/planes/userspace/plane.ts';
import { eventually } from '../../testing/eventually.ts';
import {
  ask,
  closed,
  codeOf,
  dial,
  echo,
  endpoint,
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
