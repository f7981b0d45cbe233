/**
 * The messages between the two processes of a pod network: the process that the user started, which stays in the host's
 * network, and the gateway, which runs in namespaces of its own. A socket travels with the message that answers for it.
 */
import type { Protocol, SocketAddress } from '../net/index.ts';
import type { ListenOptions, UdpSocketOptions } from '../system/index.ts';

export type HostRequest =
  | {
      readonly kind: 'listen';
      readonly at: SocketAddress;
      readonly options: Pick<ListenOptions, 'backlog' | 'dualStack'>;
    }
  | { readonly kind: 'udp'; readonly at: SocketAddress; readonly options: UdpSocketOptions }
  | { readonly kind: 'connect'; readonly to: SocketAddress }
  /** Connects the gateway's namespace with the host's network; the answer's text says by which program, or why not. */
  | { readonly kind: 'outward' }
  | { readonly kind: 'owner'; readonly port: SocketAddress & { readonly protocol: Protocol } };

export type ToHost =
  | { readonly kind: 'request'; readonly id: number; readonly request: HostRequest }
  /** The gateway cannot make networks for pods here, and ends. */
  | { readonly kind: 'unsupported'; readonly why: string };

export type FromHost =
  /** `fromTerminal`: a command in the foreground gets it by itself, too. */
  | { readonly kind: 'signal'; readonly signal: NodeJS.Signals; readonly fromTerminal: boolean }
  /** The addresses of the host's interfaces, at the start and whenever they change. */
  | { readonly kind: 'addresses'; readonly addresses: readonly string[] }
  | {
      readonly kind: 'answer';
      readonly id: number;
      readonly at?: SocketAddress;
      readonly text?: string;
      readonly done?: boolean;
    }
  | { readonly kind: 'failure'; readonly id: number; readonly code: string | undefined; readonly why: string };

/** The router's interface to the network outside. */
export const OUTWARD_INTERFACE = 'up0';
