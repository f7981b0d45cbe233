import type { Command, OptionValues } from '@commander-js/extra-typings';
import { collect } from './values.ts';

/** What is known of the node that packets meet. */
export interface NodeFlags {
  readonly node?: string;
  readonly nodeIp: readonly string[];
  readonly nodeportAddresses: readonly string[];
  readonly clusterCidr?: string;
  readonly masqueradeAll: boolean;
}

export function withNode<Args extends unknown[], Flags extends OptionValues>(command: Command<Args, Flags>) {
  return command
    .option('--node <name>', 'the node that packets meet: which endpoints are local, whose zone counts')
    .option(
      '--node-ip <ip>',
      'an address of the node; the first of each family is the primary (repeatable)',
      collect,
      [],
    )
    .option('--nodeport-addresses <cidr>', 'which of them take node ports (repeatable; default: primary)', collect, [])
    .option('--cluster-cidr <cidr>', 'sources in it are pods of the cluster; one, or v4,v6')
    .option('--masquerade-all', 'as kube-proxy --masquerade-all', false);
}

/** What the nftables plane is told beside the node. */
export interface NftablesFlags extends NodeFlags {
  readonly serviceCidr: string;
}

export function withNftables<Args extends unknown[], Flags extends OptionValues>(command: Command<Args, Flags>) {
  return withNode(command).option(
    '--service-cidr <cidr>',
    'nftables: where Services without a clusterIP get one from; one, or v4,v6',
    '10.96.0.0/16,fd00:10:96::/112',
  );
}
