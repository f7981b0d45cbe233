/** The userspace plane with a fault at every step of an apply: nothing is left half done, and a retry completes it. */
import dgram from 'node:dgram';
import net from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Listener } from '../../src/planes/plane.ts';
import { resolveOptions } from '../../src/planes/userspace/options.ts';
import { UserspacePlane } from '../../src/planes/userspace/plane.ts';
import type { RouteChange } from '../../src/routing/index.ts';
import { Machine } from '../../src/system/index.ts';
import { ask, codeOf, dial, named, type RouteWish, replica, route, udpReplica } from './userspace-kit.ts';

/** Throws at the n-th call to any of the functions that it wraps. */
class Fault {
  #calls = 0;
  #at = 0;
  thrown = false;

  arm(at: number): void {
    this.#at = at;
    this.#calls = 0;
    this.thrown = false;
  }

  step(): void {
    this.#calls++;
    if (this.#calls !== this.#at) return;
    this.thrown = true;
    throw Object.assign(new Error(`fault ${this.#at}`), { code: 'EFAULT' });
  }
}

const fault = new Fault();

/** All that an apply calls outside the plane may throw: addresses, sockets, clock, log. */
function faultyPlane(): UserspacePlane {
  class FaultyMachine extends Machine {
    override has(address: string): boolean {
      fault.step();
      return super.has(address);
    }
  }
  const options = resolveOptions({ log: () => fault.step() });
  const plane = new UserspacePlane(options, new FaultyMachine(options.now));
  onTestFinished(() => {
    fault.arm(0);
    return plane.close({ drainMs: 0 });
  });
  return plane;
}

function wrap(prototype: object, method: string, when: 'before' | 'after'): void {
  const original: unknown = Reflect.get(prototype, method);
  if (typeof original !== 'function') throw new Error(`${method} is not a function`);
  Reflect.set(prototype, method, function faulty(this: unknown, ...parameters: unknown[]) {
    if (when === 'before') fault.step();
    const result: unknown = Reflect.apply(original, this, parameters);
    if (when === 'after') fault.step();
    return result;
  });
  onTestFinished(() => {
    Reflect.set(prototype, method, original);
  });
}

const set = (wish: RouteWish): RouteChange => ({ type: 'set', route: route(wish) });
const deleted = (wish: RouteWish): RouteChange => ({ type: 'delete', route: route(wish) });

async function places(plane: UserspacePlane): Promise<string[]> {
  const listeners = await plane.observe();
  return listeners.map(({ route: key, address, port }) => `${key} ${address}:${port}`).sort();
}

/** One port is deleted, one renamed in place, one changes its number, one is new; TCP and UDP. */
async function scenario() {
  const web = await replica(named('web'));
  const dns = await udpReplica('dns');
  const gone = { service: 'faults/gone', port: 7001, endpoints: [web] };
  const renamed = { service: 'faults/renamed', portName: 'old', port: 7002, endpoints: [web] };
  const moved = { service: 'faults/moved', port: 7003, endpoints: [web] };
  const udp = { service: 'faults/udp', protocol: 'UDP', port: 7004, endpoints: [dns] } as const;
  const udpRenamed = {
    service: 'faults/udp2',
    portName: 'old',
    protocol: 'UDP',
    port: 7005,
    endpoints: [dns],
  } as const;
  const fresh = { service: 'faults/fresh', port: 7006, endpoints: [web] };
  const external = [{ kind: 'externalIP', address: '192.0.2.77', port: 7007 }] as const;
  return {
    before: [gone, renamed, moved, udp, udpRenamed].map(set),
    changes: [
      deleted(gone),
      deleted(renamed),
      deleted(udpRenamed),
      set({ ...renamed, portName: 'new' }),
      set({ ...moved, port: 7013 }),
      set({ ...udp, endpoints: [] }),
      set({ ...udpRenamed, portName: 'new' }),
      set({ ...fresh, frontends: [...(route(fresh).frontends ?? []), ...external] }),
    ],
  };
}

describe('a fault at the n-th call', () => {
  test('fails the routes that it hits, leaks nothing of the deleted ones, and a retry completes the apply', async () => {
    const { before, changes } = await scenario();
    wrap(net.Server.prototype, 'listen', 'before');
    wrap(dgram.Socket.prototype, 'bind', 'before');
    wrap(net.Server.prototype, 'close', 'after');
    wrap(dgram.Socket.prototype, 'close', 'after');
    const reference = faultyPlane();
    await reference.apply(before);
    await reference.apply(changes);
    const expected = await places(reference);
    await reference.close({ drainMs: 0 });

    let hits = 0;
    for (let at = 1; ; at++) {
      const plane = faultyPlane();
      const [deletedPort] = (await plane.apply(before)).outcomes[0]?.listeners ?? [];
      if (deletedPort === undefined) throw new Error('the Service to delete does not listen');
      expect(await ask(deletedPort)).toBe('web');
      fault.arm(at);
      const { outcomes } = await plane.apply(changes);
      const { thrown } = fault;
      fault.arm(0);
      expect(outcomes.map(outcome => outcome.change)).toEqual(changes);
      // `observe` reports only ports that the plane still has; a leaked one would still accept clients.
      expect(await codeOf(dial(deletedPort))).toBe('ECONNREFUSED');
      const failed = outcomes.filter(outcome => outcome.failure !== undefined || outcome.listeners.some(broken));
      for (const { change, listeners, failure } of outcomes) {
        if (change.route.protocol !== 'TCP' || failure !== undefined) continue;
        for (const listener of listeners) if (listener.failed === undefined) expect(await ask(listener)).toBe('web');
      }
      await plane.apply(failed.map(({ change }) => change));
      expect(await places(plane), `fault ${at}`).toEqual(expected);
      await plane.apply(changes.map(({ route: one }) => ({ type: 'delete', route: one })));
      expect(await plane.observe()).toEqual([]);
      await plane.close({ drainMs: 0 });
      if (!thrown) break;
      hits++;
    }
    expect(hits).toBeGreaterThan(5);
  });
});

function broken({ failed, frontend }: Listener): boolean {
  return failed !== undefined && frontend.kind !== 'externalIP';
}
