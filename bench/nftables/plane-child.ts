/** Switchboard's plane in a process of its own, in a node's namespace; measures the time of `apply`. */
import { parseCidr } from '../../src/net/index.ts';
import { createNftablesPlane, type NftablesPlane } from '../../src/planes/nftables/index.ts';
import type { RouteChange } from '../../src/routing/index.ts';
import { applyAll } from '../../test/support/apply-all.ts';
import { type Numbers, serveOrders } from '../../testing/child.ts';
import { endpointOf } from '../../testing/route-of.ts';
import { quantile } from '../../testing/statistics.ts';
import { Churn } from './churn.ts';
import { NODE_ADDRESS, POD_ADDRESSES } from './topology.ts';
import { benchRoute, ENDPOINTS, POD_CIDR, SERVICE_CIDR, worldOf } from './world.ts';

export type PlaneOrder =
  | { readonly order: 'start' }
  | { readonly order: 'sync'; readonly services: number }
  | { readonly order: 'changes'; readonly count: number }
  | { readonly order: 'burst'; readonly count: number }
  | { readonly order: 'verify' }
  | { readonly order: 'close' };

/** Changes until V8 has compiled the code that they use; a proxy is long-lived. */
const WARM_UP = 200;

let plane: NftablesPlane | undefined;
let churn = new Churn(2);

serveOrders(order => (isOrder(order) ? obey(order) : {}));

async function obey(order: PlaneOrder): Promise<Numbers> {
  switch (order.order) {
    case 'start':
      plane = await createNftablesPlane({
        nodeAddresses: [NODE_ADDRESS],
        localTraffic: { kind: 'cidrs', cidrs: [cidr(POD_CIDR)] },
        serviceCidrs: [cidr(SERVICE_CIDR)],
        log: event => console.error('switchboard:', JSON.stringify(event)),
      });
      return {};
    case 'sync': {
      churn = new Churn(order.services);
      const first = POD_ADDRESSES.map(address => endpointOf(address));
      const routes = worldOf(order.services, ENDPOINTS, first);
      return { ms: await timed(() => apply(routes)) };
    }
    case 'changes': {
      const times: number[] = [];
      for (let i = -WARM_UP; i < order.count; i++) {
        const { service, addresses } = churn.next();
        const route = benchRoute(
          service,
          addresses.map(address => endpointOf(address)),
        );
        const took = await timed(() => apply([{ type: 'set', route }]));
        if (i >= 0) times.push(took);
      }
      return { p50: quantile(times, 0.5), p99: quantile(times, 0.99), max: Math.max(...times) };
    }
    case 'burst': {
      const changes = churn.burst(order.count).map(({ service, addresses }) => ({
        type: 'set' as const,
        route: benchRoute(
          service,
          addresses.map(address => endpointOf(address)),
        ),
      }));
      return { ms: await timed(() => apply(changes)) };
    }
    case 'verify':
      return { differences: (await plane?.verify())?.length ?? Number.NaN };
    case 'close':
      await plane?.close();
      return {};
  }
}

async function apply(changes: readonly RouteChange[]): Promise<void> {
  if (plane !== undefined) await applyAll(plane, changes);
}

async function timed(work: () => Promise<unknown> | undefined): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

function cidr(text: string) {
  const parsed = parseCidr(text);
  if (parsed === undefined) throw new Error(`${text} is no CIDR`);
  return parsed;
}

function isOrder(order: unknown): order is PlaneOrder {
  return typeof order === 'object' && order !== null && 'order' in order;
}
