import { rmSync } from 'node:fs';
import type { Entered } from '../../gateway/index.ts';
import { HostSockets } from '../../gateway/inside/index.ts';
import type { SocketAddress } from '../../net/index.ts';
import { type NetworkSockets, ownNetwork } from '../../system/index.ts';

/** The process outside of the namespaces. */
export interface HostOutside {
  /** The network of this machine. */
  readonly sockets: NetworkSockets & Pick<HostSockets, 'openOutward'>;
  /** Adds what to do when the process outside was killed: nothing is left to serve, and the pods end with this process. */
  readonly atLoss: (action: () => void) => void;
}

/** Connects this process, which `runGateway` has started, to the one that started it. */
export function hostOutside(
  entered: Entered,
  onSignal: (signal: NodeJS.Signals, fromTerminal: boolean) => void,
): HostOutside {
  const actions: (() => void)[] = [];
  const sockets = new HostSockets({
    onSignal,
    onLost: () => {
      for (const action of actions) action();
      rmSync(entered.folder, { recursive: true, force: true });
      process.exit();
    },
  });
  return { sockets, atLoss: action => actions.push(action) };
}

/**
 * Connects to the node: pods with hostNetwork listen in the network of this process, everything else of this machine in
 * the host's.
 */
export function connectToNode(host: NetworkSockets, to: SocketAddress): ReturnType<NetworkSockets['connectTcp']> {
  const isLoopback = to.address.startsWith('127.');
  return isLoopback ? ownNetwork.connectTcp(to).catch(() => host.connectTcp(to)) : host.connectTcp(to);
}
