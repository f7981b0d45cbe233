/**
 * Throws at the n-th call that an nftables plane makes to the kernel during an apply, for every n: before the call and
 * after it. Runs in a network namespace of its own.
 *
 * @module
 */

import { cleanup } from '../../src/planes/nftables/index.ts';
import type { Nft } from '../../src/planes/nftables/nft/nft.ts';
import { openNft } from '../../src/planes/nftables/nft/open.ts';
import { resolveOptions } from '../../src/planes/nftables/options.ts';
import { NftablesPlane } from '../../src/planes/nftables/plane.ts';
import { RouteTable } from '../../src/routing/index.ts';
import { NetlinkError, NetlinkSocket } from '../../src/system/index.ts';
import { World } from '../../src/world/index.ts';
import { applyAll } from '../support/apply-all.ts';
import { gone, SIX, service, slice, stickyFor } from './manifests.ts';

type When = 'before' | 'after';

const fault = { at: 0, calls: 0, when: 'before' as When, thrown: false };

function arm(at: number, when: When): void {
  Object.assign(fault, { at, when, calls: 0, thrown: false });
}

function step(when: When): void {
  if (when !== fault.when || ++fault.calls !== fault.at) return;
  fault.thrown = true;
  throw new NetlinkError(`fault ${fault.at} ${when}`, 105);
}

for (const method of ['request', 'begin', 'receive', 'batch', 'drain'] as const) {
  const original: unknown = Reflect.get(NetlinkSocket.prototype, method);
  if (typeof original !== 'function') throw new Error(`${method} is not a function`);
  Reflect.set(NetlinkSocket.prototype, method, function faulty(this: unknown, ...parameters: unknown[]): unknown {
    step('before');
    const result: unknown = Reflect.apply(original, this, parameters);
    if (!(result instanceof Promise)) {
      step('after');
      return result;
    }
    return result.then((value: unknown) => {
      step('after');
      return value;
    });
  });
}

function faultyNft(): Nft {
  const nft = openNft();
  return {
    ...nft,
    async run(text, options) {
      step('before');
      const result = await nft.run(text, options);
      step('after');
      return result;
    },
  };
}

const options = resolveOptions({ nodeAddresses: ['192.0.2.1'], watchMs: 0 });
const newPlane = () => new NftablesPlane(options, faultyNft());

const BEFORE = [
  service('a', '10.96.0.1'),
  slice('a', ['10.0.0.1', '10.0.0.2']),
  service('b', '10.96.0.2', stickyFor(60)),
  slice('b', ['10.0.0.3']),
  service('six', 'fd00::6', SIX),
  slice('six', ['fd00:1::1']),
];
/** One Service is deleted, one changes, one is new; each needs a chain that did not exist before. */
const AFTER = [
  gone('Service', 'a'),
  gone('EndpointSlice', 'a'),
  slice('b', ['10.0.0.3', '10.0.0.4', '10.0.0.5']),
  service('c', '10.96.0.3'),
  slice('c', ['10.0.0.6', '10.0.0.7', '10.0.0.8', '10.0.0.9']),
];

async function expectNothingDiffers(plane: NftablesPlane, what: string): Promise<void> {
  const differences = await plane.verify();
  if (differences.length > 0) throw new Error(`${what}: ${JSON.stringify(differences, null, 1)}`);
}

/** @returns the number of injected faults */
async function everyFault(restarts: boolean, when: When): Promise<number> {
  for (let at = 1; ; at++) {
    arm(0, when);
    await cleanup();
    const world = new World();
    const table = new RouteTable(world.store, { name: 'node1' });
    let plane = newPlane();
    await applyAll(plane, table.update(world.apply(BEFORE)));
    let changes = table.update(world.apply(AFTER));
    if (restarts) {
      await plane.close();
      plane = newPlane();
      changes = [...table.routes()].map(route => ({ type: 'set', route }));
    }
    arm(at, when);
    const { outcomes } = await plane.apply(changes);
    const { thrown } = fault;
    arm(0, when);
    const what = `${restarts ? 'first' : 'second'} apply, fault ${at} ${when}`;
    const failed = outcomes.filter(({ failure }) => failure !== undefined);
    if (failed.length !== 0 && failed.length !== changes.length) throw new Error(`${what}: only a part of it failed`);
    if (outcomes.length !== changes.length) throw new Error(`${what}: ${outcomes.length} outcomes`);
    // The kernel is unchanged, and the plane expects exactly that.
    if (failed.length > 0 && when === 'before' && !restarts) await expectNothingDiffers(plane, `${what}, failed`);
    if (failed.length > 0) await applyAll(plane, changes);
    await expectNothingDiffers(plane, what);
    await plane.close();
    if (!thrown) return at - 1;
  }
}

for (const when of ['before', 'after'] as const) {
  for (const restarts of [false, true]) {
    const faults = await everyFault(restarts, when);
    if (faults < 5) throw new Error(`only ${faults} faults`);
  }
}
process.stdout.write('every fault\n');
