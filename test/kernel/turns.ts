/**
 * Counts the steps at which an nftables plane lets the event loop turn while it verifies and reads back a table. Runs
 * in a namespace of its own.
 *
 * @module
 */
import { createNftablesPlane } from '../../src/planes/nftables/index.ts';
import { applyAll } from '../support/apply-all.ts';
import { routesOf, service, slice } from './manifests.ts';

const SERVICES = 500;
const routes = routesOf(
  Array.from({ length: SERVICES }, (_, i) => [
    service(`s${i}`, `10.96.${i >> 8}.${i & 255}`),
    slice(
      `s${i}`,
      [1, 2, 3, 4].map(e => `10.${e}.${i >> 8}.${i & 255}`),
    ),
  ]).flat(),
);

const plane = await createNftablesPlane({ nodeAddresses: ['192.0.2.1'], watchMs: 0 });
await applyAll(
  plane,
  routes.map(route => ({ type: 'set', route })),
);

/** Every step of interruptible work reads the clock once, and lets the event loop turn if its time slice is over. */
let looks = 0;
performance.now = () => {
  looks++;
  return looks * 1_000;
};

async function looksDuring(work: () => Promise<unknown>): Promise<number> {
  const before = looks;
  await work();
  return looks - before;
}

const verify = await looksDuring(() => plane.verify());
const observe = await looksDuring(() => plane.observe());
await plane.close();
process.stdout.write(JSON.stringify({ services: SERVICES, verify, observe }));
