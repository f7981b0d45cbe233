import type { Command, OptionValues } from '@commander-js/extra-typings';
import { collect } from './values.ts';

/** Which node routes are evaluated for. */
export interface NodeFlags {
  readonly node?: string;
  readonly nodeIp: readonly string[];
  readonly nodeportAddresses: readonly string[];
  readonly clusterCidr?: string;
  readonly masqueradeAll: boolean;
}

export function withNode<Args extends unknown[], Flags extends OptionValues>(command: Command<Args, Flags>) {
  return command
    .option('--node <name>', 'act as this node (decides which endpoints are local, and the zone)')
    .option('--node-ip <ip>', 'address of the node; the first of each IP family is primary (repeatable)', collect, [])
    .option(
      '--nodeport-addresses <cidr>',
      'node addresses that accept NodePorts (repeatable; default: primary)',
      collect,
      [],
    )
    .option('--cluster-cidr <cidr>', 'address range of the pods: one range, or IPv4,IPv6')
    .option('--masquerade-all', 'masquerade all connections to cluster IPs, as in kube-proxy', false);
}

/** What the nftables plane needs besides the node. */
export interface NftablesFlags extends NodeFlags {
  readonly serviceCidr: string;
}

export function withNftables<Args extends unknown[], Flags extends OptionValues>(command: Command<Args, Flags>) {
  return withNode(command).option(
    '--service-cidr <cidr>',
    'nftables: range for Services without a clusterIP: one range, or IPv4,IPv6',
    '10.96.0.0/16,fd00:10:96::/112',
  );
}
