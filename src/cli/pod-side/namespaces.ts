import { dirname } from 'node:path';
import type { Dns } from '../../dns/index.ts';
import { SwitchboardError } from '../../errors.ts';
import { type Entered, type Reach, ReachablePlane } from '../../gateway/index.ts';
import {
  DNS_ADDRESS,
  HostRelays,
  NamespacesNetwork,
  OUTWARD_INTERFACE,
  ROUTER_ADDRESS,
  setUpRouter,
} from '../../gateway/inside/index.ts';
import { blockOf, type Cidr, cidrContains, familyOf } from '../../net/index.ts';
import type { Plane } from '../../planes/index.ts';
import type { NftablesEvent } from '../../planes/nftables/index.ts';
import { ownNetwork } from '../../system/index.ts';
import { message } from '../terminal.ts';
import { connectToNode, type HostOutside } from './host.ts';
import type { Elsewhere, PodSide } from './side.ts';

/** The range of the pods' addresses where no flag names one: the usual one of kubeadm and Flannel. */
export const DEFAULT_POD_CIDR: Cidr = { family: 'IPv4', network: '10.244.0.0', prefix: 16 };
/** The range of cluster IPs: kubeadm's, and one of the private range (RFC 4193). */
export const DEFAULT_SERVICE_CIDRS: readonly Cidr[] = [
  { family: 'IPv4', network: '10.96.0.0', prefix: 16 },
  { family: 'IPv6', network: 'fd00:10:96::', prefix: 112 },
];

export type NamespacesSide = PodSide & { readonly plane: Plane };

export interface NamespacesSettings {
  readonly entered: Entered;
  readonly podCidr: Cidr;
  readonly serviceCidrs: readonly Cidr[];
  readonly clusterDomain: string;
  readonly host: HostOutside;
  /** The network of a container engine whose pods these pods dial, too. */
  readonly engine?: Elsewhere;
  readonly log: (event: NftablesEvent) => void;
}

/**
 * Makes this process, which `runGateway` has started in namespaces, the router of pods.
 *
 * @throws SWB_POD_NETWORK, SWB_NFT_...
 */
export async function namespacesSide(settings: NamespacesSettings): Promise<NamespacesSide> {
  const { entered, podCidr, serviceCidrs, clusterDomain, log } = settings;
  const block = blockOf(podCidr);
  if (block === undefined) throw new SwitchboardError('SWB_USAGE', '--cluster-cidr: the pods need an IPv4 range');
  const host = settings.host.sockets;
  await setUpRouter();
  const { createNftablesPlane, masqueradeOut } = await import('../../planes/nftables/index.ts');
  const plane = await createNftablesPlane({
    nodeAddresses: [ROUTER_ADDRESS],
    localTraffic: { kind: 'cidrs', cidrs: [podCidr] },
    serviceCidrs,
    assignCidrs: serviceCidrs,
    // Nobody else has rules here.
    watchMs: 0,
    log,
  });
  const outward = await host.openOutward();
  if (outward.done) await masqueradeOut(OUTWARD_INTERFACE);
  else message(`note: pods reach each other and Services, but nothing outside of them: ${outward.text}`);
  const network = new NamespacesNetwork({ entered, block, clusterDomain });
  settings.host.atLoss(() => network.abandon());
  const { engine } = settings;
  const relays = new HostRelays({
    connectTcp: async to => {
      const elsewhere = engine?.contains(to.address) === true ? await engine.reach?.('TCP', to) : undefined;
      return elsewhere === undefined ? connectToNode(host, to) : ownNetwork.connectTcp(elsewhere);
    },
    connectUdp: async to => {
      const elsewhere = engine?.contains(to.address) === true ? await engine.reach?.('UDP', to) : undefined;
      return elsewhere === undefined ? host.connectUdp(to) : ownNetwork.connectUdp(elsewhere);
    },
  });
  // Pods with hostNetwork have the address of the router.
  const isHosts = (address: string): boolean =>
    familyOf(address) === 'IPv4' && address !== ROUTER_ADDRESS && !cidrContains(podCidr, address);
  const reach: Reach = async ({ address, port }, { protocol }) =>
    protocol === 'SCTP' || !isHosts(address)
      ? undefined
      : { address: await relays.reach(protocol, { address, port }), port };
  let dns: Dns | undefined;
  const inside = new ReachablePlane(plane, reach);
  return {
    network,
    plane: inside,
    planes: [inside],
    planeOf: () => inside,
    front: front => new ReachablePlane(front, reach),
    host,
    connect: {
      connectTcp: to => (cidrContains(podCidr, to.address) ? ownNetwork.connectTcp(to) : connectToNode(host, to)),
      connectUdp: to => (cidrContains(podCidr, to.address) ? ownNetwork : host).connectUdp(to),
    },
    outward: outward.done,
    isPodAddress: address => cidrContains(podCidr, address),
    instance: { folder: dirname(entered.folder), pid: entered.pid },
    serveNames: async (up, domain, forward) => {
      const { podNames } = await import('../dns/pod-names.ts');
      const reachedAt = (address: string): string => (isHosts(address) ? relays.addressOf(address) : address);
      dns = await podNames(up, {
        ...{ domain, forward, host, reachedAt },
        inside: up.inside(inside),
        address: DNS_ADDRESS,
        listen: { address: DNS_ADDRESS, port: 53 },
      });
    },
    close: async () => {
      await dns?.close();
      await relays.close();
    },
  };
}
