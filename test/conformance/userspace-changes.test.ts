import { describe, expect, it } from 'vitest';
import type { Listener, Plane } from '../../src/planes/plane.ts';
import type { Route } from '../../src/routing/index.ts';
import { eventually } from '../../testing/eventually.ts';
import {
  ask,
  closed,
  codeOf,
  dial,
  dialled,
  echo,
  named,
  newPlane,
  next,
  only,
  replica,
  route,
  set,
} from './userspace-kit.ts';

const LINUX = process.platform === 'linux';

/** Sends requests until it is stopped; counts the replies and collects the errors. */
function load(listener: Listener) {
  const answers: string[] = [];
  const faults: string[] = [];
  let going = true;
  const run = (async () => {
    while (going) {
      await ask(listener).then(
        answer => answers.push(answer),
        error => faults.push(String(error)),
      );
    }
  })();
  /** Waits for this many more replies. */
  const more = async (count: number) => {
    const enough = answers.length + faults.length + count;
    await eventually('more answers', () => answers.length + faults.length >= enough);
  };
  const stop = async () => {
    await more(5);
    going = false;
    await run;
    return { answers, faults };
  };
  return { more, stop };
}

async function remove(plane: Plane, one: Route): Promise<void> {
  expect((await plane.apply([{ type: 'delete', route: one }])).outcomes).toMatchObject([{ listeners: [] }]);
}

describe('userspace plane: changes of routes', () => {
  it('refuses while no endpoint is ready, and returns on the same address and port', async () => {
    const { plane } = newPlane();
    const listener = only(await set(plane, route()));
    expect(listener.failed).toBeUndefined();
    expect(await codeOf(dial(listener))).toBe('ECONNREFUSED');
    expect(await plane.observe()).toEqual([]);
    const endpoints = [await replica(named('up'))];
    for (let i = 0; i < 3; i++) {
      expect(only(await set(plane, route({ endpoints })))).toEqual(listener);
      expect(await ask(listener)).toBe('up');
      expect((await plane.observe()).map(dialled)).toEqual([dialled(listener)]);
      expect(only(await set(plane, route()))).toEqual(listener);
      expect(await codeOf(dial(listener))).toBe('ECONNREFUSED');
    }
  });

  it('moves, and reports it, when another program took its port while no endpoint was ready', async () => {
    const { plane, events } = newPlane();
    const listener = only(await set(plane, route({ port: 8087 })));
    await replica(named('thief'), listener.address, listener.port);
    const moved = only(await set(plane, route({ port: 8087, endpoints: [await replica(named('mine'))] })));
    expect(moved).toMatchObject({
      address: listener.address,
      moved: LINUX ? '8087 is held by this process' : '8087 is in use',
    });
    expect(await ask(moved)).toBe('mine');
    expect(events).toContainEqual(expect.objectContaining({ event: 'listener-moved', port: 8087 }));
  });

  it('closes the listeners of a deleted route at once, and its connections after a grace period', async () => {
    const { plane } = newPlane({ deleteGraceMs: 50 });
    const one = route({ endpoints: [await replica(echo)] });
    const listener = only(await set(plane, one));
    const client = await dial(listener);
    client.write('x');
    await next(client);
    await remove(plane, one);
    expect(await codeOf(dial(listener))).toBe('ECONNREFUSED');
    client.write('still');
    expect(await next(client)).toBe('still');
    await closed(client);
    expect(plane.traffic()).toEqual([]);
  });

  it.each(['headless', 'otherProxy', 'externalName'] as const)(
    'leaves nothing behind when a route becomes %s',
    async kind => {
      const { plane } = newPlane();
      const before = route({ endpoints: [await replica(named('a'))] });
      const listener = only(await set(plane, before));
      const { internal: _i, external: _e, externalFromLocal: _l, frontends: _f, ...base } = before;
      const after: Route =
        kind === 'headless'
          ? { ...base, kind }
          : kind === 'otherProxy'
            ? { ...base, kind, proxyName: 'other' }
            : { ...base, kind, externalName: 'example.org' };
      expect((await plane.apply([{ type: 'set', route: after, previous: before }])).outcomes).toMatchObject([
        { listeners: [] },
      ]);
      expect(await codeOf(dial(listener))).toBe('ECONNREFUSED');
      expect(await plane.observe()).toEqual([]);
      expect(only(await set(plane, before))).toEqual(listener);
    },
  );

  it('refuses no client while endpoints change', async () => {
    const { plane } = newPlane();
    const replicas = await Promise.all(['a', 'b', 'c'].map(name => replica(named(name))));
    const listener = only(await set(plane, route({ endpoints: replicas })));
    const running = load(listener);
    for (let i = 0; i < 60; i++) {
      await set(plane, route({ endpoints: replicas.filter((_, n) => n !== i % 3) }));
      if (i % 3 === 0) await running.more(1);
    }
    expect((await running.stop()).faults).toEqual([]);
  });

  it('opens the new port before it closes the old one, and keeps connections', async () => {
    const { plane } = newPlane();
    const backend = await replica(echo);
    const old = only(await set(plane, route({ port: 8080, endpoints: [backend] })));
    const client = await dial(old);
    const renumbered = only(await set(plane, route({ port: 8081, endpoints: [backend] })));
    expect(renumbered).toMatchObject({ address: old.address, port: 8081 });
    expect(await codeOf(dial(old))).toBe('ECONNREFUSED');
    client.write('kept');
    expect(await next(client)).toBe('kept');
    expect(await ask(renumbered)).toBe('?');
    expect(plane.traffic()[0]).toMatchObject({ accepted: 2 });
  });

  it('hands a port from one route to another without refusing a client: renamed, and swapped', async () => {
    const { plane } = newPlane();
    const endpoints = [await replica(named('a'))];
    const others = [await replica(named('b'))];
    const unnamed = route({ port: 8080, endpoints });
    const renamed = route({ port: 8080, portName: 'http', endpoints });
    const listener = only(await set(plane, unnamed));
    const running = load(listener);
    for (let i = 0; i < 20; i++) {
      if (i % 4 === 0) await running.more(1);
      const [gone, come] = i % 2 === 0 ? [unnamed, renamed] : [renamed, unnamed];
      await plane.apply([
        { type: 'delete', route: gone },
        { type: 'set', route: come },
      ]);
    }
    await set(plane, unnamed, route({ port: 8081, portName: 'two', endpoints: others }));
    const swapped = await set(
      plane,
      route({ port: 8081, endpoints }),
      route({ port: 8080, portName: 'two', endpoints: others }),
    );
    expect(swapped.map(({ port, moved }) => [port, moved])).toEqual([
      [8081, undefined],
      [8080, undefined],
    ]);
    const { answers, faults } = await running.stop();
    expect(faults).toEqual([]);
    expect([answers[0], answers.at(-1)]).toEqual(['a', 'b']);
  });

  it('applies concurrent calls in order', async () => {
    const { plane } = newPlane();
    const endpoints = [await replica(named('a'))];
    const one = route({ endpoints });
    const reports = await Promise.all([
      set(plane, one),
      remove(plane, one),
      set(plane, route({ endpoints, port: 8082 })),
      set(plane, route({ endpoints, port: 8083 })),
    ]);
    expect(only(reports[3]).port).toBe(8083);
    expect((await plane.observe()).map(({ port }) => port)).toEqual([8083]);
  });
});
