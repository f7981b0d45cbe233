import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runtimeFolder } from '../../../admin/index.ts';
import { SwitchboardError } from '../../../errors.ts';
import { type Entered, enteredGateway, giveUp, runGateway } from '../../../gateway/index.ts';
import { stateFolder } from '../../../pods/index.ts';
import { findIsolation, type Isolation } from '../../../run/index.ts';
import { cidrFlag } from '../../node-facts.ts';
import { planeNoticeBesideTable } from '../../notices.ts';
import { namespacesSide, type PodSide, sharedSide } from '../../pod-network.ts';
import type { StopSignals } from '../../signals.ts';
import { message } from '../../terminal.ts';
import type { UpFlags } from './flags.ts';

/** The range of the pods' addresses where no flag names one: the usual one of kubeadm and Flannel. */
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
 * @throws SWB_RUN_UNSUPPORTED, SWB_POD_NETWORK, SWB_NFT_..., SWB_USAGE
 */
export async function podSide(flags: UpFlags, stop: StopSignals): Promise<number | PodSide> {
  if (!flags.run) return sharedSide();
  const entered = enteredGateway();
  if (entered !== undefined) return inNamespaces(flags, stop, entered);
  const choice = choose(flags);
  if (choice.kind === 'shared') return shared(choice.why);
  const folder = runtimeFolder();
  sweep(folder);
  sweep(join(stateFolder(), 'scratch'));
  const program = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const end = await runGateway(program, choice.isolation, join(folder, `pods-${process.pid}`));
  if (end.kind === 'ended') return end.code;
  // A signal that came meanwhile ends this process at its next step.
  return shared(end.why);
}

function shared(why: string): PodSide {
  message(`network: shared (${why}): pods share this machine's network, and two that bind one port collide`);
  return sharedSide();
}

/** The process that `runGateway` has started. */
async function inNamespaces(flags: UpFlags, stop: StopSignals, entered: Entered): Promise<PodSide> {
  stop.ignoreOwn();
  const [pods = POD_CIDR] = flags.clusterCidr?.split(',') ?? [];
  try {
    const side = await namespacesSide({
      entered,
      podCidr: cidrFlag('--cluster-cidr', pods),
      serviceCidrs: flags.serviceCidr.split(',').map(text => cidrFlag('--service-cidr', text)),
      clusterDomain: flags.clusterDomain,
      onSignal: () => stop.pass(),
      log: planeNoticeBesideTable,
    });
    message('network: namespaces (each pod has its own address, and all ports)');
    return side;
  } catch (error) {
    if (flags.network !== 'auto' || !SwitchboardError.is(error) || error.code === 'SWB_USAGE') throw error;
    return giveUp(error.message);
  }
}

/** Removes what instances that were killed have left: the files of their pods, and their sockets. */
function sweep(folder: string): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const pid = Number(/^(?:pods-(\d+)|(?:up|jobs)-(\d+)\.sock)$/.exec(name)?.slice(1).find(Boolean));
    if (pid > 0 && !isRunning(pid)) rmSync(join(folder, name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
