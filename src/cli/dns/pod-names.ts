import { createDns, type Dns } from '../../dns/index.ts';
import { keyOf } from '../../kube/index.ts';
import type { SocketAddress } from '../../net/index.ts';
import type { NetworkSockets } from '../../system/index.ts';
import type { ServedPlane, Up } from '../../up/index.ts';
import type { ForwardFlag } from '../options/index.ts';
import { followUp } from './beside-up.ts';
import { forwardingTo, upstreamsOf } from './places.ts';
import { serviceListeners } from './service-listeners.ts';

export interface PodNames {
  /** The Services as these pods dial them. */
  readonly inside: ServedPlane;
  readonly domain: string;
  readonly forward: ForwardFlag;
  /** The address at which pods ask, on port 53: resolv.conf cannot name another one. */
  readonly address: string;
  /** Where it listens, in the network of this process. */
  readonly listen: SocketAddress;
  /** Where the upstream servers are: names outside resolve for pods as for the programs of the host, also with a VPN. */
  readonly host: NetworkSockets;
  /** The address at which pods reach an endpoint. */
  readonly reachedAt: (address: string) => string;
}

/** Answers pods with the cluster IPs that the plane of the pods serves. @throws SWB_LISTEN_FAILED, SWB_USAGE */
export async function podNames(up: Up, names: PodNames): Promise<Dns> {
  const { store } = up.world;
  const { inside, domain, forward, address, listen, host, reachedAt } = names;
  // The server for the host's programs reports upstreams that fail.
  const { options } = await forwardingTo(
    upstreamsOf(forward),
    () => [],
    () => undefined,
    host,
  );
  const dns = createDns({
    store,
    records: {
      zones: [domain],
      serverAddresses: [address],
      reachedAt,
      listenersOf: service => serviceListeners(up, inside, service),
    },
    ...options,
  });
  const objects = [...store.all()].map(object => ({ type: 'set', object }) as const);
  dns.update(objects, new Set([...store.services()].map(({ meta }) => keyOf(meta))));
  followUp(dns, up, inside);
  await dns.listen([listen]);
  return dns;
}
