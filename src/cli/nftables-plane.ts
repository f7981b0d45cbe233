import { SwitchboardError } from '../errors.ts';
import type { KubeObject } from '../kube/index.ts';
import type { Cidr } from '../net/index.ts';
import type { NftablesEvent, NftablesPlane } from '../planes/nftables/index.ts';
import type { NodeContext } from '../routing/index.ts';
import { reachableAddresses } from '../system/index.ts';
import { cidrFlag, nodeFacts } from './node-facts.ts';
import type { NftablesFlags } from './options/index.ts';

/** Loads the nftables plane, which other commands do without. @throws SWB_USAGE, SWB_NFT_..., SWB_OTHER_PROXY */
export async function openNftables(
  flags: NftablesFlags,
  objects: readonly KubeObject[],
  options: { readonly force: boolean; readonly log?: (event: NftablesEvent) => void; readonly watchMs?: number },
): Promise<{ readonly plane: NftablesPlane; readonly node: NodeContext }> {
  if (process.platform !== 'linux') {
    throw new SwitchboardError(
      'SWB_NFT_UNSUPPORTED',
      `the nftables plane needs Linux, and this is ${process.platform}; switchboard up --plane userspace works here`,
    );
  }
  const { createNftablesPlane } = await import('../planes/nftables/index.ts');
  const { context, dial } = nodeFacts(flags, objects);
  const plane = await createNftablesPlane({
    nodeAddresses: dial.addresses.length > 0 ? dial.addresses : reachableAddresses(),
    nodePortAddresses: dial.nodePortAddresses.length > 0 ? dial.nodePortAddresses : 'primary',
    localTraffic: dial.clusterCidrs.length > 0 ? { kind: 'cidrs', cidrs: dial.clusterCidrs } : { kind: 'none' },
    masqueradeAll: dial.masqueradeAll,
    serviceCidrs: dial.serviceCidrs,
    assignCidrs: serviceRanges(flags.serviceCidr),
    ...options,
  });
  return { plane, node: context };
}

function serviceRanges(text: string): Cidr[] {
  return text.split(',').map(range => cidrFlag('--service-cidr', range));
}
