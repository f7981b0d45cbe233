import { join } from 'node:path';
import { runtimeFolder } from '../../../admin/index.ts';
import { SwitchboardError } from '../../../errors.ts';
import { enteredGateway, runGateway } from '../../../gateway/index.ts';
import { parseCidr } from '../../../net/index.ts';
import { findIsolation, type Isolation } from '../../../run/index.ts';
import { planeNoticeBesideTable } from '../../notices.ts';
import { namespacesSide, type PodSide, sharedSide } from '../../pod-network.ts';
import type { StopSignals } from '../../signals.ts';
import { message } from '../../terminal.ts';
import type { UpFlags } from './flags.ts';

/** The range of the pods' addresses where no flag names one: kubeadm's and Flannel's usual one. */
const POD_CIDR = '10.244.0.0/16';

type Choice =
  | { readonly kind: 'namespaces'; readonly isolation: Isolation }
  | { readonly kind: 'shared'; readonly why: string };

/** Chooses the network of the pods. @throws SWB_RUN_UNSUPPORTED with `--network namespaces`, SWB_USAGE */
function choose(flags: UpFlags): Choice {
  if (flags.network === 'shared') return { kind: 'shared', why: 'as --network says' };
  if (flags.plane !== 'userspace') {
    if (flags.network === 'auto')
      return { kind: 'shared', why: `--plane ${flags.plane} serves this machine's network` };
    throw new SwitchboardError('SWB_USAGE', `--network namespaces needs --plane userspace, not ${flags.plane}`);
  }
  try {
    return { kind: 'namespaces', isolation: findIsolation() };
  } catch (error) {
    if (flags.network === 'namespaces' || !SwitchboardError.is(error)) throw error;
    return { kind: 'shared', why: error.message };
  }
}

/**
 * Runs this command line again in namespaces if its pods are to have networks of their own.
 *
 * @returns the exit code; or, if this process is to serve, the network of its pods
 * @throws SWB_RUN_UNSUPPORTED, SWB_POD_NETWORK, SWB_USAGE
 */
export async function podSide(flags: UpFlags, stop: StopSignals): Promise<number | PodSide> {
  if (!flags.run) return sharedSide();
  const entered = enteredGateway();
  if (entered !== undefined) {
    stop.ignoreOwn();
    const podCidr = parseCidr(flags.clusterCidr?.split(',')[0] ?? POD_CIDR);
    if (podCidr === undefined)
      throw new SwitchboardError('SWB_USAGE', `--cluster-cidr ${flags.clusterCidr} is not a range`);
    return namespacesSide({
      entered,
      podCidr,
      serviceCidrs: flags.serviceCidr.split(',').flatMap(text => parseCidr(text) ?? []),
      clusterDomain: flags.clusterDomain,
      onSignal: () => stop.pass(),
      log: planeNoticeBesideTable,
    });
  }
  const choice = choose(flags);
  if (choice.kind === 'shared') {
    message(`network: shared (${choice.why}): pods share this machine's network, and two that bind one port collide`);
    return sharedSide();
  }
  message('network: namespaces (each pod has its own address, and all ports)');
  stop.release();
  const program = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  return runGateway(program, choice.isolation, join(runtimeFolder(), `pods-${process.pid}`));
}
