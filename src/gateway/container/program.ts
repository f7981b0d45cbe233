/**
 * The program of the gateway container. It holds the cluster IPs of a container engine's network and carries connections to
 * them to endpoints, and it connects that network with the one of the process which the user started.
 *
 * @module
 */
import { createServer } from 'node:net';
import { SwitchboardError } from '../../errors.ts';
import { acceptLinks, datagramsOf } from '../../link/index.ts';
import { type AddressBlock, blockOf, parseCidr } from '../../net/index.ts';
import type { Plane } from '../../planes/index.ts';
import { createUserspacePlane } from '../../planes/userspace/index.ts';
import type { Route, RouteChange, RouteKey } from '../../routing/index.ts';
import { addLocalRoute, listen, ownNetwork } from '../../system/index.ts';
import { type ApplyAnswer, type GatewaySettings, isApplyCall, isRelayCall, LINK_PORT } from './calls.ts';
import { OpenLinks } from './open-links.ts';
import { LinkRelays } from './relays.ts';

/** How long it goes on without the process that the user started: that may reconnect after a break. */
const ALONE_MS = 30_000;

/** Serves until it has been alone for too long. @throws SWB_GATEWAY, NetlinkError */
export async function runGatewayContainer({ token, address, clusterIPs, relays }: GatewaySettings): Promise<void> {
  const services = blockFrom(clusterIPs);
  addLocalRoute(services);
  addLocalRoute(blockFrom(relays));
  const plane = createUserspacePlane({ addresses: services, listen: address });
  const links = new OpenLinks({ aloneMs: ALONE_MS, onAlone: () => process.exit() });
  const outside = new LinkRelays({
    connectTcp: async to => links.current.connectTcp(to),
    connectUdp: async to => links.current.connectUdp(to),
  });
  const routes = new KnownRoutes();
  const server = createServer({ noDelay: true });
  acceptLinks(server, {
    token,
    handlers: () => ({
      call: (name, body) => answer(name, body, { plane, outside, routes }),
      connectTcp: to => ownNetwork.connectTcp(to),
      connectUdp: async to => datagramsOf(await ownNetwork.connectUdp(to)),
    }),
    onLink: link => links.add(link),
  });
  await listen(server, { address: '0.0.0.0', port: LINK_PORT }, { onError: () => undefined });
}

interface Parts {
  readonly plane: Plane;
  readonly outside: LinkRelays;
  readonly routes: KnownRoutes;
}

async function answer(name: string, body: unknown, { plane, outside, routes }: Parts): Promise<unknown> {
  switch (name) {
    case 'apply': {
      if (!isApplyCall(body)) throw new TypeError('apply: the body has no changes');
      const { outcomes, failure } = await plane.apply(routes.known(body.changes));
      return {
        outcomes: outcomes.map(({ change: _change, ...rest }) => rest),
        ...(failure === undefined ? {} : { failure }),
      } satisfies ApplyAnswer;
    }
    case 'relay':
      if (!isRelayCall(body)) throw new TypeError('relay: the body names no addresses');
      await outside.open(body);
      return null;
    case 'observe':
      return plane.observe();
    default:
      throw new TypeError(`the gateway knows no call "${name}"`);
  }
}

/** A plane finds the same `previous` that it got before. */
class KnownRoutes {
  readonly #routes = new Map<RouteKey, Route>();

  known(changes: readonly RouteChange[]): RouteChange[] {
    return changes.map(change => {
      const { key } = change.route;
      const previous = this.#routes.get(key);
      if (change.type === 'delete') {
        this.#routes.delete(key);
        return { type: 'delete', route: previous ?? change.route };
      }
      this.#routes.set(key, change.route);
      return { type: 'set', route: change.route, ...(previous === undefined ? {} : { previous }) };
    });
  }
}

function blockFrom(text: string): AddressBlock {
  const cidr = parseCidr(text);
  const block = cidr === undefined ? undefined : blockOf(cidr);
  if (block === undefined) throw new SwitchboardError('SWB_GATEWAY', `${text} is not a range of IPv4 addresses`);
  return block;
}
