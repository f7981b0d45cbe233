import type { Dns } from '../../dns/index.ts';
import type { Engine, ObjectOwner, PullOverride } from '../../engine/index.ts';
import { EngineNetwork, type GatewayImage, RelaysIn, RelaysOut, RemotePlane } from '../../gateway/engine/index.ts';
import { ReachablePlane } from '../../gateway/index.ts';
import { datagramsOf } from '../../link/index.ts';
import { blockContains, hostPort, type SocketAddress } from '../../net/index.ts';
import type { Plane } from '../../planes/index.ts';
import { type Allowed, ContainerImages, EnginePods } from '../../pod-containers/index.ts';
import { type NetworkSockets, ownNetwork } from '../../system/index.ts';
import { message } from '../terminal.ts';
import type { Elsewhere, PodSide } from './side.ts';

export interface EngineSettings {
  readonly engine: Engine;
  readonly owner: ObjectOwner;
  readonly clusterDomain: string;
  readonly pull: PullOverride;
  readonly allowed: Allowed;
  readonly image: GatewayImage;
  /** A folder of this machine that the engine can mount. */
  readonly folder: string;
  /** The pid by which the user knows this instance. */
  readonly instance: number;
  /** Ends an opening that is under way. */
  readonly signal: AbortSignal;
  /** The network of this machine. */
  readonly host: NetworkSockets;
  /** Connects to what pods dial outside of the engine's network. */
  readonly connect: Pick<NetworkSockets, 'connectTcp' | 'connectUdp'>;
}

/** Pods as containers, in a network of their engine. */
export interface EngineSide extends Pick<PodSide, 'network' | 'serveNames' | 'close' | 'front'> {
  readonly plane: Plane;
  readonly elsewhere: Elsewhere;
}

/** @throws SWB_ENGINE, SWB_GATEWAY */
export async function engineSide(settings: EngineSettings): Promise<EngineSide> {
  const { engine, owner, clusterDomain, pull, allowed, image, folder, instance, host, connect, signal } = settings;
  // Servers of this process, which may have the address of another one in the network of this machine.
  const servers = new Set<string>();
  const networkOf = ({ address, port }: SocketAddress) => (servers.has(hostPort(address, port)) ? ownNetwork : connect);
  const own = await EngineNetwork.open({
    ...{ engine, owner, image, signal },
    dial: host.connectTcp,
    handlers: {
      call: async name => {
        throw new TypeError(`this side knows no call "${name}"`);
      },
      connectTcp: to => networkOf(to).connectTcp(to),
      connectUdp: async to => datagramsOf(await networkOf(to).connectUdp(to)),
    },
  });
  const { plan } = own;
  const link = () => own.link;
  const inside = new RelaysIn(link, plan.relays);
  const outside = new RelaysOut(link);
  const isPod = (address: string): boolean => blockContains(plan.pods, address);
  const remote = new RemotePlane(link);
  own.keep({
    onReplaced: async () => {
      await inside.openAll();
      await remote.applyAll();
    },
    onNotice: text => message(`warning: ${text}`),
  });
  const plane = new ReachablePlane(remote, async ({ address, port }, { protocol }) =>
    protocol === 'SCTP' || isPod(address)
      ? undefined
      : { address: await inside.reach(protocol, { address, port }), port },
  );
  const reach: Elsewhere['reach'] = own.isDirect ? undefined : (protocol, to) => outside.reach(protocol, to);
  let dns: Dns | undefined;
  return {
    network: new EnginePods({
      ...{ engine, owner, clusterDomain, allowed, folder, instance },
      network: {
        ...{ name: own.name, gateway: plan.gateway, pods: plan.pods, image },
        ...(reach === undefined ? {} : { reach: to => reach('TCP', to) }),
      },
      images: new ContainerImages(engine, { override: pull, onNotice: message }),
      onNotice: text => message(`warning: ${text}`),
    }),
    plane,
    elsewhere: { contains: isPod, ...(reach === undefined ? {} : { reach }) },
    front: front =>
      reach === undefined
        ? front
        : new ReachablePlane(front, async ({ address, port }, { protocol }) =>
            protocol === 'SCTP' || !isPod(address) ? undefined : reach(protocol, { address, port }),
          ),
    serveNames: async (up, domain, forward) => {
      const { podNames } = await import('../dns/pod-names.ts');
      dns = await podNames(up, {
        inside: up.inside(plane),
        ...{ domain, forward },
        address: plan.gateway,
        listen: { address: '127.0.0.1', port: 0 },
        host,
        reachedAt: address => (isPod(address) ? address : inside.addressOf(address)),
      });
      for (const to of dns.addresses) {
        servers.add(hostPort(to.address, to.port));
        for (const protocol of ['TCP', 'UDP'] as const) {
          await inside.open({ protocol, at: { address: plan.gateway, port: 53 }, to });
        }
      }
    },
    close: async () => {
      await dns?.close();
      outside.close();
      await own.close();
    },
  };
}
