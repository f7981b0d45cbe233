import { SwitchboardError } from '../errors.ts';
import type { Cidr } from '../kube/address.ts';
import type { KubeObject } from '../kube/objects.ts';
import type { Plane } from '../planes/index.ts';
import type { NftablesEvent, NftablesPlane } from '../planes/nftables/index.ts';
import { createUserspacePlane, type PlaneEvent } from '../planes/userspace/index.ts';
import type { NodeContext } from '../routing/index.ts';
import { reachableAddresses } from '../system/index.ts';
import type { UpFlags } from './commands/up.ts';
import { cidrFlag, nodeFacts } from './node-facts.ts';
import type { NftablesFlags } from './options.ts';

export interface OpenedPlane {
  readonly plane: Plane;
  readonly node?: NodeContext;
}

/** The plane that the flags name. @throws SWB_USAGE and what `createNftablesPlane` throws */
export async function openPlane(
  flags: UpFlags,
  objects: readonly KubeObject[],
  log: (event: PlaneEvent | NftablesEvent) => void,
): Promise<OpenedPlane> {
  if (flags.plane === 'nftables') {
    const { plane, node } = await openNftables(flags, objects, { force: flags.force, log });
    await saySysctls(flags.setSysctls);
    return { plane, node };
  }
  if (flags.dryRun)
    throw new SwitchboardError('SWB_USAGE', '--dry-run prints rules of the kernel: add --plane nftables');
  const plane = createUserspacePlane({
    balance: flags.balance,
    ...(flags.addresses === undefined ? {} : { addresses: flags.addresses }),
    ...(flags.listen === undefined ? {} : { listen: flags.listen }),
    connectTimeoutMs: flags.connectTimeout * 1000,
    log,
  });
  return { plane, node: nodeFacts(flags, objects).context };
}

/** The library of the nftables plane is loaded only where it is asked for. @throws SWB_USAGE, SWB_NFT_..., SWB_OTHER_PROXY */
export async function openNftables(
  flags: NftablesFlags,
  objects: readonly KubeObject[],
  options: { readonly force: boolean; readonly log?: (event: NftablesEvent) => void; readonly watchMs?: number },
): Promise<{ readonly plane: NftablesPlane; readonly node: NodeContext }> {
  if (process.platform !== 'linux') {
    throw new SwitchboardError('SWB_NFT_UNSUPPORTED', `nftables is part of Linux, and this is ${process.platform}`);
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

async function saySysctls(allowed: boolean): Promise<void> {
  const { checkSysctls } = await import('../planes/nftables/index.ts');
  const families = new Set(reachableAddresses().map(address => (address.includes(':') ? 'IPv6' : 'IPv4')));
  for (const { name, found, wanted, why, caution, done } of checkSysctls(allowed, families)) {
    const text = {
      set: `was ${found} and is ${wanted} now`,
      left: `is ${found}: ${why}; --set-sysctls sets it${caution === undefined ? '' : ` (${caution})`}`,
      failed: `is ${found}: ${why}`,
    };
    process.stderr.write(`note: ${name} ${text[done]}\n`);
  }
}
