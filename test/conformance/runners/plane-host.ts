/**
 * Runs a plane of Switchboard in the network namespace in which it was started: it receives objects, compiles routes as
 * `up` does, and passes the changes to the plane.
 *
 * @module
 */

import type { ObjectEvent } from '../../../src/kube/index.ts';
import type { NftablesOptions } from '../../../src/planes/nftables/options.ts';
import type { Plane } from '../../../src/planes/plane.ts';
import { createUserspacePlane } from '../../../src/planes/userspace/index.ts';
import { RouteTable } from '../../../src/routing/index.ts';
import { World } from '../../../src/world/index.ts';
import { STANDARD_LAB } from '../../../testing/lab/spec.ts';
import { applyAll } from '../../support/apply-all.ts';
import { CLUSTER, PROFILES, type Profile, type ProfileName } from '../scenarios/model.ts';
import { cidrs, podRanges } from './engine.ts';

export type PlaneRequest =
  | { readonly id: number; readonly start: { readonly plane: 'nftables' | 'userspace'; readonly profile: ProfileName } }
  | { readonly id: number; readonly events: readonly ObjectEvent[] }
  | { readonly id: number; readonly close: true };

export interface PlaneReply {
  readonly id: number;
  /** What the plane has rejected, or reported as failed. */
  readonly complaints: readonly string[];
  readonly error?: string;
}

const [NODE] = STANDARD_LAB.nodes;
let plane: Plane | undefined;
let world = new World();
let table = new RouteTable(world.store);
let complaints: string[] = [];
/** One request after the other, in the order of a source's updates. */
let turn: Promise<void> = Promise.resolve();

process.on('disconnect', () => process.exit(0));
process.on('message', message => {
  if (!isRequest(message)) return;
  turn = turn.then(() => answer(message));
});

async function answer(request: PlaneRequest): Promise<void> {
  const { id } = request;
  try {
    if ('start' in request) await start(request.start.plane, PROFILES[request.start.profile]);
    else if ('events' in request) {
      const changes = table.update(world.apply(request.events));
      if (plane !== undefined) await applyAll(plane, changes);
    } else await plane?.close({ drainMs: 0 });
    reply({ id, complaints });
  } catch (error) {
    reply({ id, complaints, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
  complaints = [];
}

async function start(kind: 'nftables' | 'userspace', profile: Profile): Promise<void> {
  world = new World();
  table = new RouteTable(world.store, { name: NODE?.name ?? '', zone: profile.zone });
  const log = (event: object): void => {
    complaints.push(JSON.stringify(event));
  };
  if (kind === 'userspace') {
    // Node ports listen on the node's primary address, as in the other planes.
    const [listen] = NODE?.addresses ?? [];
    plane = createUserspacePlane({ log, ...(listen === undefined ? {} : { listen }) });
    return;
  }
  const { createNftablesPlane } = await import('../../../src/planes/nftables/index.ts');
  plane = await createNftablesPlane({ ...nftablesOptions(profile), log });
}

function nftablesOptions(profile: Profile): NftablesOptions {
  const ranges = podRanges(profile);
  return {
    nodeAddresses: NODE?.addresses ?? [],
    nodePortAddresses: profile.nodePortAddresses === 'primary' ? 'primary' : cidrs(profile.nodePortAddresses),
    localTraffic:
      profile.detector === 'interfacePrefix'
        ? { kind: 'interfacePrefix', prefix: CLUSTER.interfacePrefix }
        : ranges.length === 0
          ? { kind: 'none' }
          : { kind: 'cidrs', cidrs: cidrs(ranges) },
    masqueradeAll: profile.masqueradeAll,
    serviceCidrs: cidrs(CLUSTER.serviceCIDRs),
  };
}

function reply(message: PlaneReply): void {
  process.send?.(message);
}

function isRequest(message: unknown): message is PlaneRequest {
  return typeof message === 'object' && message !== null && 'id' in message;
}
