import { hostname } from 'node:os';
import { type Cidr, familyOf } from '../kube/address.ts';
import { LABEL_ZONE } from '../kube/names.ts';
import type { Node } from '../kube/objects.ts';
import type { LocalTraffic } from '../planes/nftables/index.ts';
import type { NodeContext } from '../routing/index.ts';
import { reachableAddresses } from '../system/index.ts';
import type { NodeConfig } from './config.ts';

/** The name under which the cluster knows this node: a flag, the pod's own, or the host name. */
export function nodeNameOf(config: NodeConfig, environment: NodeJS.ProcessEnv = process.env): string {
  return config.hostnameOverride ?? environment.NODE_NAME ?? hostname().trim().toLowerCase();
}

export function contextOf(name: string, node: Node | undefined): NodeContext {
  const zone = node?.meta.labels[LABEL_ZONE];
  return { name, ...(zone === undefined ? {} : { zone }) };
}

/**
 * The node's addresses, the primary ones first: `bindAddress` where it is one, then those of the Node object; the
 * machine's own while the cluster does not know the node.
 */
export function addressesOf(config: NodeConfig, node: Node | undefined): string[] {
  const known = node === undefined || node.addresses.length === 0 ? reachableAddresses() : node.addresses;
  const bound = /^(0\.0\.0\.0|::|127\..*|::1)$/.test(config.bindAddress) ? [] : [config.bindAddress];
  // Addresses that the cluster does not list take node ports, too, where ranges select them.
  return [...new Set([...bound, ...known, ...(config.nodePortAddresses === 'primary' ? [] : reachableAddresses())])];
}

/** @returns also what to tell the user, where pods cannot be told from others */
export function localTrafficOf(
  config: NodeConfig,
  node: Node | undefined,
): { readonly traffic: LocalTraffic; readonly remark?: string } {
  const { detectLocal } = config;
  switch (detectLocal.mode) {
    case 'ClusterCIDR':
      if (detectLocal.cidrs.length > 0) return { traffic: { kind: 'cidrs', cidrs: detectLocal.cidrs } };
      return {
        traffic: { kind: 'none' },
        remark: 'clusterCIDR is not set: what pods and others dial on cluster IPs is not masqueraded',
      };
    case 'NodeCIDR':
      if (node !== undefined && node.podCIDRs.length > 0) return { traffic: { kind: 'cidrs', cidrs: node.podCIDRs } };
      return {
        traffic: { kind: 'none' },
        remark:
          'detectLocalMode NodeCIDR: the Node has no spec.podCIDRs, so nothing dialled on cluster IPs is masqueraded',
      };
    case 'BridgeInterface':
      return { traffic: { kind: 'bridge', name: detectLocal.name } };
    case 'InterfaceNamePrefix':
      return { traffic: { kind: 'interfacePrefix', prefix: detectLocal.prefix } };
  }
}

/** What a change of makes another agent: kube-proxy ends then, too, and is started anew. */
export function identityOf(config: NodeConfig, node: Node | undefined, serviceCidrs: readonly Cidr[]): string {
  const primary = (['IPv4', 'IPv6'] as const).map(family =>
    addressesOf(config, node).find(a => familyOf(a) === family),
  );
  const cidrs = config.detectLocal.mode === 'NodeCIDR' ? (node?.podCIDRs ?? []) : [];
  return JSON.stringify([primary, cidrs, serviceCidrs]);
}
