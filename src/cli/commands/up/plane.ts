import { SwitchboardError } from '../../../errors.ts';
import type { KubeObject } from '../../../kube/index.ts';
import type { Plane } from '../../../planes/index.ts';
import type { NftablesEvent } from '../../../planes/nftables/index.ts';
import { createUserspacePlane, type PlaneEvent } from '../../../planes/userspace/index.ts';
import type { NodeContext } from '../../../routing/index.ts';
import { type NetworkSockets, reachableAddresses } from '../../../system/index.ts';
import { openNftables } from '../../nftables-plane.ts';
import { nodeFacts } from '../../node-facts.ts';
import { message } from '../../terminal.ts';
import type { UpFlags } from './flags.ts';

export interface OpenedPlane {
  readonly plane: Plane;
  readonly node?: NodeContext;
}

/** Opens the plane that the flags name. @throws SWB_USAGE and what `createNftablesPlane` throws */
export async function openPlane(
  flags: UpFlags,
  objects: readonly KubeObject[],
  log: (event: PlaneEvent | NftablesEvent) => void,
  network?: NetworkSockets,
): Promise<OpenedPlane> {
  if (flags.plane === 'nftables') {
    const { plane, node } = await openNftables(flags, objects, { force: flags.force, log });
    await printSysctls(flags.setSysctls);
    return { plane, node };
  }
  if (flags.dryRun) throw new SwitchboardError('SWB_USAGE', '--dry-run prints nftables rules: add --plane nftables');
  const plane = createUserspacePlane({
    balance: flags.balance,
    ...(flags.addresses === undefined ? {} : { addresses: flags.addresses }),
    ...(flags.listen === undefined ? {} : { listen: flags.listen }),
    connectTimeoutMs: flags.connectTimeout * 1000,
    log,
    ...(network === undefined ? {} : { network }),
  });
  return { plane, node: nodeFacts(flags, objects).context };
}

async function printSysctls(allowed: boolean): Promise<void> {
  const { checkSysctls } = await import('../../../planes/nftables/index.ts');
  const families = new Set(reachableAddresses().map(address => (address.includes(':') ? 'IPv6' : 'IPv4')));
  for (const { name, found, wanted, why, caution, done } of checkSysctls(allowed, families)) {
    const text = {
      set: `is ${wanted} now (was ${found})`,
      left: `is ${found}: ${why}; set it with --set-sysctls${caution === undefined ? '' : ` (${caution})`}`,
      failed: `is ${found}: ${why}`,
    };
    message(`note: ${name} ${text[done]}`);
  }
}
