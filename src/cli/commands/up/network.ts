import { SwitchboardError } from '../../../errors.ts';
import { giveUp } from '../../../gateway/index.ts';
import type { Place } from '../../again.ts';
import { cidrFlag } from '../../node-facts.ts';
import { planeNoticeBesideTable } from '../../notices.ts';
import { hostOutside } from '../../pod-side/host.ts';
import { DEFAULT_POD_CIDR, namespacesSide } from '../../pod-side/namespaces.ts';
import { type PodSide, sharedSide } from '../../pod-side/side.ts';
import type { StopSignals } from '../../signals.ts';
import { message } from '../../terminal.ts';
import type { UpFlags } from './flags.ts';
import type { PodsPlan } from './pods-plan.ts';

/** A process that serves. */
export type ServingPlace = Exclude<Place, { readonly kind: 'ended' }>;

export interface RunningPods {
  readonly plan: PodsPlan;
  readonly place: ServingPlace;
}

/**
 * Prepares the network of the pods and prints which one it is, and why.
 *
 * @throws SWB_POD_NETWORK, SWB_NFT_... with `--network namespaces`, SWB_USAGE
 */
export async function podSide(flags: UpFlags, { place, plan }: RunningPods, stop: StopSignals): Promise<PodSide> {
  if (place.kind === 'shared') {
    if (plan.mode !== undefined)
      message(`network: shared (${place.why}): pods share this machine's network, and two that bind one port collide`);
    return sharedSide();
  }
  stop.ignoreOwn();
  const [pods] = flags.clusterCidr?.split(',') ?? [];
  try {
    const side = await namespacesSide({
      entered: place.entered,
      podCidr: pods === undefined ? DEFAULT_POD_CIDR : cidrFlag('--cluster-cidr', pods),
      serviceCidrs: flags.serviceCidr.split(',').map(text => cidrFlag('--service-cidr', text)),
      clusterDomain: flags.clusterDomain,
      host: hostOutside(place.entered, () => stop.pass()),
      log: planeNoticeBesideTable,
    });
    message('network: namespaces (each pod has its own address, and all ports)');
    return side;
  } catch (error) {
    if (flags.network !== 'auto' || !SwitchboardError.is(error) || error.code === 'SWB_USAGE') throw error;
    return giveUp(error.message);
  }
}
