/** Listeners of the userspace plane that cannot be opened at first, with the queue that applies their routes again. */
import net from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { type Applied, ChangeQueue, type Listener } from '../../src/planes/index.ts';
import { resolveOptions } from '../../src/planes/userspace/options.ts';
import { UserspacePlane } from '../../src/planes/userspace/plane.ts';
import { Machine } from '../../src/system/index.ts';
import { ask, named, podAddress, type RouteWish, replica, route } from './userspace-kit.ts';

/** A machine that gets an address only later. */
class GrowingMachine extends Machine {
  readonly absent = new Set<string>();

  override has(address: string): boolean {
    return !this.absent.has(address) && super.has(address);
  }
}

/** Applies routes; `until` waits for an apply after which the listeners of the first route match. */
function serve(machine: Machine) {
  const plane = new UserspacePlane(resolveOptions({}), machine);
  let listeners: readonly Listener[] = [];
  let wake = (): void => undefined;
  const onApplied = ({ outcomes }: Applied): void => {
    listeners = outcomes[0]?.listeners ?? [];
    wake();
  };
  const failures: string[] = [];
  const queue = new ChangeQueue(plane, { retryMs: 1, onApplied, onFailed: reason => failures.push(reason) });
  onTestFinished(async () => {
    await queue.close();
    await plane.close({ drainMs: 0 });
  });
  const until = async (fine: (listeners: readonly Listener[]) => boolean): Promise<readonly Listener[]> => {
    while (!fine(listeners)) {
      await new Promise<void>(resolve => {
        wake = resolve;
      });
    }
    return listeners;
  };
  return { push: (wish: RouteWish) => queue.push([{ type: 'set', route: route(wish) }]), until, failures };
}

const failed = (listeners: readonly Listener[]): boolean => listeners.some(listener => listener.failed !== undefined);
const served = (listeners: readonly Listener[]): boolean => listeners.length > 0 && !failed(listeners);

test('an external IP is served once the machine has it', async () => {
  const machine = new GrowingMachine(() => performance.now());
  const address = podAddress();
  machine.absent.add(address);
  const { push, until, failures } = serve(machine);
  const frontends = [{ kind: 'externalIP', address, port: 7_101 }] as const;
  push({ port: 7_101, frontends, endpoints: [await replica(named('web'))] });
  expect(await until(failed)).toMatchObject([{ address, failed: `${address} is not an address of this machine` }]);
  machine.absent.clear();
  const [listener] = await until(served);
  expect(listener).toMatchObject({ address, port: 7_101 });
  if (listener !== undefined) expect(await ask(listener)).toBe('web');
  expect(failures).toEqual([]);
});

test.each(['EMFILE', 'EADDRNOTAVAIL'])('a listener that failed with %s is opened when that has passed', async code => {
  const endpoints = [await replica(named('web'))];
  const { listen } = net.Server.prototype;
  let faulty = true;
  net.Server.prototype.listen = function faultyListen(this: net.Server, ...parameters: unknown[]): net.Server {
    if (faulty) throw Object.assign(new Error(code), { code });
    Reflect.apply(listen, this, parameters);
    return this;
  };
  onTestFinished(() => {
    net.Server.prototype.listen = listen;
  });
  const { push, until } = serve(new Machine(() => performance.now()));
  push({ port: 7_102, endpoints });
  expect(failed(await until(failed))).toBe(true);
  faulty = false;
  const [listener] = await until(served);
  expect(listener?.port).toBe(7_102);
  if (listener !== undefined) expect(await ask(listener)).toBe('web');
});
