/**
 * Runs an nftables plane in the network namespace of this process, controlled over its IPC channel; the other end
 * is `plane-child.ts`.
 *
 * @module
 */

import type { ObjectEvent } from '../../src/kube/index.ts';
import { createNftablesPlane, type NftablesPlane } from '../../src/planes/nftables/index.ts';
import { type RouteChange, RouteTable } from '../../src/routing/index.ts';
import { World } from '../../src/world/index.ts';
import { applyAll } from '../support/apply-all.ts';
import { changesOf } from './manifests.ts';
import type { PlaneOrder, PlaneRequest, PlaneSettings } from './plane-child.ts';
import { stateOf, stepTo } from './states.ts';

let plane: NftablesPlane | undefined;
let options: PlaneSettings = { nodeAddresses: [] };
let world = new World();
let table = new RouteTable(world.store);
let prepared: readonly (readonly RouteChange[])[] = [];
let turn: Promise<void> = Promise.resolve();

process.on('disconnect', () => process.exit(0));
process.on('message', message => {
  if (isRequest(message)) turn = turn.then(() => answer(message));
});

async function answer({ id, order }: PlaneRequest): Promise<void> {
  try {
    process.send?.({ id, result: await obey(order) });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    process.send?.({ id, error: error instanceof Error ? error.message : String(error), code });
  }
}

async function obey(order: PlaneOrder): Promise<unknown> {
  switch (order.order) {
    case 'start':
      options = order.options;
      world = new World();
      table = new RouteTable(world.store, { name: 'node1', zone: 'z1' });
      plane = await open(options);
      return undefined;
    case 'apply':
      return await apply(table.update(world.apply(order.events)));
    case 'applyChanges':
      return await apply(order.changes);
    case 'verify':
      return await running().verify();
    case 'dryRun':
      return await running().dryRun(changesOf(order.events));
    case 'verifyOther':
      return await verifyOther(order.events);
    case 'whichState':
      return await whichState(order.candidates);
    case 'editsLeft':
      return await editsLeft(order.state);
    case 'reach':
      await applyAll(running(), table.update(world.apply(stateOf(order.state))));
      process.send?.({ applied: order.state });
      return undefined;
    case 'prepare':
      // Before the burst, so that the process spends its time where it is to be killed.
      prepared = Array.from({ length: order.steps }, (_, i) => table.update(world.apply(stepTo(order.after + 1 + i))));
      return undefined;
    case 'burst':
      for (const [i, batch] of prepared.entries()) {
        await applyAll(running(), batch);
        process.send?.({ applied: order.after + 1 + i });
      }
      return undefined;
    case 'churn':
      return await churn(order.steps, order.rounds);
    case 'rest':
      // Timers of one process fire in order: the plane has checked several times before this one fires.
      await new Promise(resolve => setTimeout(resolve, 4 * (options.watchMs ?? 0)));
      return undefined;
    case 'close':
      await plane?.close();
      plane = undefined;
      return undefined;
  }
}

function running(): NftablesPlane {
  if (plane === undefined) throw new Error('the plane has not been started');
  return plane;
}

function open(settings: PlaneSettings): Promise<NftablesPlane> {
  return createNftablesPlane({ ...settings, log: event => process.send?.({ event }) });
}

/** @returns the moment when it took effect, on the machine's monotonic clock */
async function apply(changes: readonly RouteChange[]): Promise<bigint> {
  await applyAll(running(), changes);
  return process.hrtime.bigint();
}

/** The differences that a plane which has applied nothing finds where these objects are expected. */
async function verifyOther(events: readonly ObjectEvent[]): Promise<unknown> {
  const looking = await open({ ...options, watchMs: 0 });
  try {
    return await looking.verify(changesOf(events));
  } finally {
    await looking.close();
  }
}

/** The number of the state that the kernel has; if it is none of them, the differences from each. */
async function whichState(candidates: readonly number[]): Promise<unknown> {
  const others: unknown[] = [];
  for (const number of candidates) {
    const differences = await verifyOther(number < 0 ? [] : stateOf(number));
    if (Array.isArray(differences) && differences.length === 0) return number;
    others.push({ number, differences });
  }
  return JSON.stringify(others, null, 1);
}

/** The edits of elements and chains that a plane starting now would make. */
async function editsLeft(state: number): Promise<string[]> {
  const looking = await open({ ...options, watchMs: 0 });
  try {
    const plan = await looking.dryRun(changesOf(stateOf(state)));
    return plan.split('\n').filter(line => /^(add|delete) element|^delete chain/.test(line));
  } finally {
    await looking.close();
  }
}

/** Applies steps repeatedly, each in its own batch. @returns the number of route changes */
async function churn(steps: readonly (readonly ObjectEvent[])[], rounds: number): Promise<number> {
  let changes = 0;
  for (let round = 0; round < rounds; round++) {
    for (const events of steps) {
      const batch = table.update(world.apply(events));
      await applyAll(running(), batch);
      changes += batch.length;
      // In production a source's events come in between; here the loop has to turn for the channel to be read.
      await new Promise(resolve => setImmediate(resolve));
    }
  }
  return changes;
}

function isRequest(message: unknown): message is PlaneRequest {
  return typeof message === 'object' && message !== null && 'id' in message && 'order' in message;
}
