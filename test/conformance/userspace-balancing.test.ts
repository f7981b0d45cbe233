import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../testing/eventually.ts';
import {
  ask,
  childNode,
  codeOf,
  deadEndpoint,
  dial,
  echo,
  named,
  newPlane,
  next,
  only,
  replica,
  route,
  set,
} from './userspace-kit.ts';

describe('userspace plane: the choice of an endpoint', () => {
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
});
