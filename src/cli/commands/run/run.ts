import { SwitchboardError } from '../../../errors.ts';
import { type Entered, giveUp } from '../../../gateway/index.ts';
import { createUserspacePlane } from '../../../planes/userspace/index.ts';
import { SharedNetwork } from '../../../pods/index.ts';
import { handleSignals } from '../../../system/index.ts';
import type { Place } from '../../again.ts';
import { planeNotice } from '../../notices.ts';
import { hostOutside } from '../../pod-side/host.ts';
import {
  DEFAULT_POD_CIDR,
  DEFAULT_SERVICE_CIDRS,
  type NamespacesSide,
  namespacesSide,
} from '../../pod-side/namespaces.ts';
import { message } from '../../terminal.ts';
import type { RunFlags } from './flags.ts';
import { namesByProxy } from './names-by-proxy.ts';
import { podAccess } from './pod-access.ts';
import { runSession } from './session.ts';

/**
 * Runs a command with access to Services: in the network of the pods if the system allows one, else through a proxy.
 *
 * @returns the exit code of the command
 * @throws SWB_POD_NETWORK with `--mode network`; what `runSession` throws
 */
export async function run(words: readonly string[], flags: RunFlags, place: RunPlace): Promise<number> {
  const command = words.length > 0 ? words : [shell()];
  return place.kind === 'inside' ? runInNetwork(command, flags, place.entered) : runProxied(command, flags, place.why);
}

/** @throws SWB_USAGE without a terminal */
function shell(): string {
  if (process.stdin.isTTY) return process.env.SHELL ?? 'sh';
  throw new SwitchboardError('SWB_USAGE', 'name the command after --: switchboard run -f k8s/ -- curl http://web/');
}

/** A process that runs the command. */
export type RunPlace = Exclude<Place, { readonly kind: 'ended' }>;

type OnSignal = (signal: NodeJS.Signals, fromTerminal: boolean) => void;

/** The process that `runGateway` has started. */
async function runInNetwork(words: readonly string[], flags: RunFlags, entered: Entered): Promise<number> {
  // The process outside passes its signals on; those that a terminal sends to both count once.
  handleSignals(false, () => undefined);
  const early: Parameters<OnSignal>[] = [];
  let onSignal: OnSignal = (...signal) => early.push(signal);
  const settings = {
    entered,
    podCidr: DEFAULT_POD_CIDR,
    serviceCidrs: DEFAULT_SERVICE_CIDRS,
    clusterDomain: flags.clusterDomain,
    host: hostOutside(entered, (...signal) => onSignal(...signal)),
    log: planeNotice,
  };
  let side: NamespacesSide;
  try {
    side = await namespacesSide(settings);
  } catch (error) {
    if (flags.mode === 'network' || !SwitchboardError.is(error)) throw error;
    return giveUp(error.message);
  }
  const way =
    side.outward || flags.outside ? 'the network outside can be reached' : 'the network outside cannot be reached';
  print(flags, `mode: network (the command has an address among those of the pods); names resolve by DNS; ${way}`);
  return runSession(words, flags, {
    plane: side.plane,
    network: side.network,
    access: up => podAccess(up, side, flags),
    control: listener => {
      onSignal = listener;
      for (const signal of early.splice(0)) listener(...signal);
      return () => {
        onSignal = () => undefined;
      };
    },
  });
}

function runProxied(words: readonly string[], flags: RunFlags, why: string): Promise<number> {
  const { namespace = 'default', clusterDomain: domain } = flags;
  const onOpen = (port: number) => {
    print(flags, `mode: proxy (${why})`);
    print(
      flags,
      `  HTTP_PROXY, HTTPS_PROXY, ALL_PROXY name 127.0.0.1:${port}, a proxy that resolves the names of Services,`,
    );
    print(flags, '  with a user name and a password: no other user of this machine can use it');
    print(flags, `  and http://NAME.NAMESPACE.localhost:${port}/ reaches a Service without proxy settings`);
  };
  return runSession(words, flags, {
    plane: createUserspacePlane({ balance: flags.balance, log: planeNotice }),
    network: new SharedNetwork(),
    access: up => namesByProxy(up, { namespace, domain, onOpen }),
    control: onSignal => {
      handleSignals(process.stdin.isTTY, onSignal);
      return () => undefined;
    },
  });
}

function print(flags: RunFlags, text: string): void {
  if (!flags.quiet) message(text);
}
