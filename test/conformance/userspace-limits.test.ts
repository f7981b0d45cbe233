import { once } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { Listener } from '../../src/planes/plane.ts';
import { eventually } from '../../testing/eventually.ts';
import {
  askUdp,
  type Child,
  childNode,
  codeOf,
  dial,
  echo,
  isListeners,
  newPlane,
  next,
  only,
  PLANE_URL,
  replica,
  route,
  set,
  udpReplica,
  udpSocket,
} from './userspace-kit.ts';

const LINUX = process.platform === 'linux';

/** Makes the limit unreadable, as on other systems. */
const HIDE_LIMIT = `
  const { default: fs } = await import('node:fs');
  const real = fs.readFileSync;
  fs.readFileSync = (path, ...rest) => {
    if (path === '/proc/self/limits') throw new Error('hidden');
    return real(path, ...rest);
  };
  (await import('node:module')).syncBuiltinESMExports();`;

/** A plane in a process with few files: reports its listeners and, on request, how often it logged out-of-files. */
function planeWithFewFiles(files: number, routes: readonly ReturnType<typeof route>[], hide = false) {
  return childNode(
    `
    ${hide ? HIDE_LIMIT : ''}
    const { createUserspacePlane } = await import(${JSON.stringify(PLANE_URL)});
    const events = [];
    const plane = createUserspacePlane({ log: event => events.push(event) });
    process.on('message', () => process.send(events.filter(({ event }) => event === 'out-of-files').length));
    const changes = ${JSON.stringify(routes.map(one => ({ type: 'set', route: one })))};
    process.send((await plane.apply(changes)).outcomes.flatMap(outcome => outcome.listeners));`,
    { before: `ulimit -n ${files};` },
  );
}

/** A client that was served; undefined: it was reset. */
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

/** `served` if an echo comes back, or else how the connection ended. */
async function outcomeOfVisit(listener: Listener | undefined): Promise<string> {
  if (listener === undefined) throw new Error('there is no listener');
  let answer = '';
  const visiting = async (): Promise<void> => {
    const client = await dial(listener);
    const error = once(client, 'error').then(([reason]) => Promise.reject(reason));
    client.write('x');
    answer = await Promise.race([next(client), error]);
  };
  const code = await codeOf(visiting());
  return answer === 'x' ? 'served' : code;
}

/** Sends more clients than there are files for. @returns how often the plane logged out-of-files */
async function exhaust(files: number, hide: boolean): Promise<number> {
  const child = planeWithFewFiles(files, [route({ endpoints: [await replica(echo)] })], hide);
  const listener = await heardListener(child);
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
  // Open connections are unharmed.
  for (const client of inside) {
    client.write('y');
    expect(await next(client)).toBe('y');
  }
  child.process.send('');
  const said = Number(await child.hear());
  expect(said).toBeLessThanOrEqual(1 + (performance.now() - started) / 1_000);
  for (const client of inside) client.destroy();
  await eventually('a client is served', async () => (await visit(listener)) !== undefined);
  return said;
}

async function heardListener(child: Child): Promise<Listener> {
  const listeners = await child.hear();
  if (!isListeners(listeners)) throw new Error(`not a list of listeners: ${JSON.stringify(listeners)}`);
  return only(listeners);
}

describe('userspace plane: limits', () => {
  it.runIf(LINUX)('resets clients before files run out, logs it once a second, and recovers', async () => {
    expect(await exhaust(80, false)).toBeGreaterThan(0);
  });

  it.runIf(LINUX)('resets clients when files have run out, and recovers', async () => {
    // In one case connect() hits the limit, which Node reports, in the other accept(), which it does not report
    // (see FileBudget).
    expect((await exhaust(80, true)) + (await exhaust(81, true))).toBeGreaterThan(0);
  });

  it.runIf(LINUX)(
    'counts its listeners and all other open files: clients are reset and logged, none is closed silently',
    async () => {
      const endpoints = [await replica(echo)];
      const routes = Array.from({ length: 40 }, (_, i) =>
        route({ service: `limits/s${i}`, port: 8000 + i, endpoints }),
      );
      // Without the listeners, 37 connections would fit.
      const child = planeWithFewFiles(100, routes);
      const listeners = await child.hear();
      if (!isListeners(listeners)) throw new Error('no listeners');
      expect(listeners.filter(({ failed }) => failed === undefined)).toHaveLength(40);
      const outcomes = new Set<string>();
      for (let i = 0; i < 60; i++) outcomes.add(await outcomeOfVisit(listeners[i % listeners.length]));
      expect(outcomes).toEqual(new Set(['served', 'ECONNRESET']));
      child.process.send('');
      expect(Number(await child.hear())).toBeGreaterThan(0);
    },
  );

  it.runIf(LINUX)('keeps its reserve when there are more Services than files, and reports the limit', async () => {
    const endpoints = [await replica(echo)];
    const routes = Array.from({ length: 100 }, (_, i) => route({ service: `limits/s${i}`, port: 8000 + i, endpoints }));
    const child = planeWithFewFiles(80, routes);
    const listeners = await child.hear();
    if (!isListeners(listeners)) throw new Error('no listeners');
    const reasons = new Set(listeners.map(({ failed }) => failed));
    expect(reasons).toEqual(
      new Set([undefined, 'this process has reached its limit of 80 open files; raise it with ulimit -n']),
    );
    // The reserve is a quarter, and Node.js itself needs some.
    const open = listeners.filter(({ failed }) => failed === undefined);
    expect(open.length).toBeGreaterThan(10);
    expect(open.length).toBeLessThan(60);
  });

  it.runIf(LINUX).each([true, false])(
    'survives more UDP flows than there are files (limit unknown: %s)',
    async hide => {
      const backend = await udpReplica('a');
      const child = planeWithFewFiles(60, [route({ protocol: 'UDP', endpoints: [backend] })], hide);
      const listener = await heardListener(child);
      const clients = await Promise.all(Array.from({ length: 100 }, () => udpSocket()));
      const [first] = clients;
      if (first === undefined) throw new Error('no client');
      expect(await askUdp(first, listener, 'q')).toBe('a:q');
      for (const client of clients) client.send('x', listener.port, listener.address);
      let said = 0;
      await eventually('files run out', async () => {
        child.process.send('');
        said = Number(await child.hear());
        return said > 0;
      });
      expect(await askUdp(first, listener, 'still')).toMatch(/^a:/);
    },
  );

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
