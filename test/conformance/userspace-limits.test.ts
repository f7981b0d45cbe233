import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { Listener } from '../../src/planes/plane.ts';
import {
  childNode,
  dial,
  echo,
  eventually,
  isListeners,
  newPlane,
  next,
  only,
  PLANE_URL,
  replica,
  route,
  set,
} from './userspace-kit.ts';

const LINUX = process.platform === 'linux';

/** A plane in a process with few files: tells its listeners, and when asked how often it said that files ran out. */
function planeWithFewFiles(files: number, routes: readonly ReturnType<typeof route>[], hide = false) {
  return childNode(
    `
    ${hide ? "const fs = await import('node:fs'); const real = fs.default.readFileSync; fs.default.readFileSync = (p, ...a) => { if (p === '/proc/self/limits') throw new Error('hidden'); return real(p, ...a); }; (await import('node:module')).syncBuiltinESMExports();" : ''}
    const { createUserspacePlane } = await import(${JSON.stringify(PLANE_URL)});
    const events = [];
    const plane = createUserspacePlane({ log: event => events.push(event) });
    process.on('message', () => process.send(events.filter(({ event }) => event === 'out-of-files').length));
    const changes = ${JSON.stringify(routes.map(one => ({ type: 'set', route: one })))};
    process.send((await plane.apply(changes)).listeners);`,
    { before: `ulimit -n ${files};` },
  );
}

/** A client that was served; undefined: it was turned away. */
async function visit(listener: Listener): Promise<Socket | undefined> {
  try {
    const client = await dial(listener);
    client.write('x');
    await next(client);
    return client;
  } catch {
    return undefined;
  }
}

describe('userspace plane: limits', () => {
  // Out of files for connect() or, with one file more, for accept(), of which Node says nothing (see FileBudget).
  it.runIf(LINUX).each([
    ['before they run out', 80, false, true],
    ['when connect() has run out', 80, true, true],
    ['when accept() has run out', 81, true, false],
  ])('turns clients away %s of files, says so once a second, and recovers', async (_when, files, hide, told) => {
    const child = planeWithFewFiles(files, [route({ endpoints: [await replica(echo)] })], hide);
    const listeners = await child.hear();
    if (!isListeners(listeners)) throw new Error(`told ${JSON.stringify(listeners)}`);
    const listener = only(listeners);
    const started = performance.now();
    const inside: Socket[] = [];
    let away = 0;
    for (let i = 0; i < 150; i++) {
      const client = await visit(listener);
      if (client === undefined) away++;
      else inside.push(client);
    }
    expect(inside.length).toBeGreaterThan(10);
    expect(away).toBeGreaterThan(50);
    // Those inside are unharmed.
    for (const client of inside) {
      client.write('y');
      expect(await next(client)).toBe('y');
    }
    child.process.send('');
    const said = Number(await child.hear());
    expect(said).toBeLessThanOrEqual(1 + (performance.now() - started) / 1_000);
    if (told) expect(said).toBeGreaterThan(0);
    for (const client of inside) client.destroy();
    await eventually('somebody is let in', async () => (await visit(listener)) !== undefined);
  });

  it('carries thousands of idle connections', async () => {
    const { plane } = newPlane();
    const listener = only(await set(plane, route({ endpoints: [await replica(echo), await replica(echo)] })));
    const clients = [];
    for (let i = 0; i < 2_000; i += 100) {
      clients.push(...(await Promise.all(Array.from({ length: 100 }, () => dial(listener)))));
    }
    await eventually('all are carried', () => plane.traffic()[0]?.active === 2_000);
    for (const client of clients.filter((_, i) => i % 100 === 0)) {
      client.write('x');
      expect(await next(client)).toBe('x');
    }
    expect(plane.traffic()[0]).toMatchObject({ accepted: 2_000, active: 2_000, refused: 0 });
  });
});
