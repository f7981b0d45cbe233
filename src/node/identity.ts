import { hostname } from 'node:os';
import { LABEL_ZONE, type Node } from '../kube/index.ts';
import { type Cidr, familyOf } from '../net/index.ts';
import type { LocalTraffic } from '../planes/nftables/index.ts';
import type { NodeContext } from '../routing/index.ts';
import { reachableAddresses } from '../system/index.ts';
import type { NodeConfig } from './config.ts';

/** The name of the Node object: from a flag, the pod's environment, or the host name. */
export function nodeNameOf(config: NodeConfig, environment: NodeJS.ProcessEnv = process.env): string {
  return config.hostnameOverride ?? environment.NODE_NAME ?? hostname().trim().toLowerCase();
}

export function contextOf(name: string, node: Node | undefined): NodeContext {
  const zone = node?.meta.labels[LABEL_ZONE];
  return { name, ...(zone === undefined ? {} : { zone }) };
}

/**
 * The node's addresses, primary ones first: `bindAddress` if it is specific, then those of the Node object, or those of
 * the machine if there is no Node object.
 */
export function addressesOf(config: NodeConfig, node: Node | undefined): string[] {
  const known = node === undefined || node.addresses.length === 0 ? reachableAddresses() : node.addresses;
  const bound = /^(0\.0\.0\.0|::|127\..*|::1)$/.test(config.bindAddress) ? [] : [config.bindAddress];
  // With ranges, addresses that the Node object does not list accept node ports, too.
  return [...new Set([...bound, ...known, ...(config.nodePortAddresses === 'primary' ? [] : reachableAddresses())])];
}

/** @returns also a warning if pods cannot be recognised */
export function localTrafficOf(
  config: NodeConfig,
  node: Node | undefined,
): { readonly traffic: LocalTraffic; readonly warning?: string } {
  const { detectLocal } = config;
  switch (detectLocal.mode) {
    case 'ClusterCIDR':
      if (detectLocal.cidrs.length > 0) return { traffic: { kind: 'cidrs', cidrs: detectLocal.cidrs } };
      return {
        traffic: { kind: 'none' },
        warning: 'clusterCIDR is not set, so connections to cluster IPs are not masqueraded',
      };
    case 'NodeCIDR':
      if (node !== undefined && node.podCIDRs.length > 0) return { traffic: { kind: 'cidrs', cidrs: node.podCIDRs } };
      return {
        traffic: { kind: 'none' },
        warning:
          'detectLocalMode NodeCIDR: the Node has no spec.podCIDRs, so connections to cluster IPs are not masqueraded',
      };
    case 'BridgeInterface':
      return { traffic: { kind: 'bridge', name: detectLocal.name } };
    case 'InterfaceNamePrefix':
      return { traffic: { kind: 'interfacePrefix', prefix: detectLocal.prefix } };
  }
}

/** The properties whose change requires a restart; kube-proxy exits then, too. */
export function identityOf(config: NodeConfig, node: Node | undefined, serviceCidrs: readonly Cidr[]): string {
  const primary = (['IPv4', 'IPv6'] as const).map(family =>
    addressesOf(config, node).find(a => familyOf(a) === family),
  );
  const cidrs = config.detectLocal.mode === 'NodeCIDR' ? (node?.podCIDRs ?? []) : [];
  return JSON.stringify([primary, cidrs, serviceCidrs]);
}
