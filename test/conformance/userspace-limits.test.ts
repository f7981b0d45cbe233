import { describe, expect, it } from 'vitest';
import { childNode, dial, echo, newPlane, next, only, PLANE_URL, replica, route, set } from './userspace-kit.ts';

const LINUX = process.platform === 'linux';

/** A plane in a process with few files: tells its listeners, then whatever it has to say, and its traffic when asked. */
function planeWithFewFiles(files: number, routes: readonly ReturnType<typeof route>[], hide = false) {
  return childNode(
    `
    ${hide ? "const fs = await import('node:fs'); const real = fs.default.readFileSync; fs.default.readFileSync = (p, ...a) => { if (p === '/proc/self/limits') throw new Error('hidden'); return real(p, ...a); }; (await import('node:module')).syncBuiltinESMExports();" : ''}
    const { createUserspacePlane } = await import(${JSON.stringify(PLANE_URL)});
    const events = [];
    const plane = createUserspacePlane({ log: event => events.push(event) });
    process.on('message', () => process.send({ events, traffic: plane.traffic() }));
    const changes = ${JSON.stringify(routes.map(one => ({ type: 'set', route: one })))};
    process.send((await plane.apply(changes)).listeners);`,
    { before: `ulimit -n ${files};` },
  );
}

describe('userspace plane: limits', () => {
  it.runIf(LINUX).each([
    ['before they run out', false],
    ['when they have run out', true],
  ])('turns clients away %s of files, says so once a second, and recovers', async (_when, hide) => {
    const child = planeWithFewFiles(80, [route({ endpoints: [await replica(echo)] })], hide);
    const listener = only((await child.hear()) as Parameters<typeof only>[0]);
    const started = performance.now();
    const inside = [];
    let away = 0;
    for (let i = 0; i < 150; i++) {
      const client = await dial(listener);
      client.write('x');
      if (
        await next(client)
          .then(() => true)
          .catch(() => false)
      )
        inside.push(client);
      else away++;
    }
    expect(inside.length).toBeGreaterThan(10);
    expect(away).toBeGreaterThan(50);
    // Those inside are unharmed.
    for (const client of inside) {
      client.write('y');
      expect(await next(client)).toBe('y');
    }
    child.process.send('');
    const told = (await child.hear()) as { events: { event: string }[]; traffic: { active: number }[] };
    const said = told.events.filter(({ event }) => event === 'out-of-files').length;
    expect(said).toBeLessThanOrEqual(1 + (performance.now() - started) / 1_000);
    if (!hide) expect(said).toBeGreaterThan(0);
    for (const client of inside) client.destroy();
    let back = false;
    while (!back) {
      const client = await dial(listener);
      client.write('z');
      back = await next(client)
        .then(() => true)
        .catch(() => false);
    }
  });

  it('carries thousands of idle connections', async () => {
    const { plane } = newPlane();
    const listener = only(await set(plane, route({ endpoints: [await replica(echo), await replica(echo)] })));
    const clients = [];
    for (let i = 0; i < 2_000; i += 100) {
      clients.push(...(await Promise.all(Array.from({ length: 100 }, () => dial(listener)))));
    }
    expect(
      await Promise.all(clients.filter((_, i) => i % 100 === 0).map(client => (client.write('x'), next(client)))),
    ).toEqual(Array.from({ length: 20 }, () => 'x'));
    expect(plane.traffic()[0]).toMatchObject({ accepted: 2_000, active: 2_000, refused: 0 });
  });
});
