import { type NetworkSockets, ownNetwork } from '../../system/index.ts';
import type { Epochs } from '../directory/epochs.ts';
import type { Responder } from '../responder.ts';
import type { DnsStatistics } from '../statistics.ts';

/** What the listeners and threads of a server share. */
export interface ServerOptions extends ServerLimits {
  readonly responder: Responder;
  readonly epochs: Epochs;
  readonly statistics: DnsStatistics;
  /** The RA bit. */
  readonly recursion: boolean;
  /** A monotonic clock in milliseconds. */
  readonly now: () => number;
}

export interface ServerLimits {
  /** The maximum number of UDP responses per second to a client that is not on loopback. */
  readonly ratePerClient: number;
  /** Closes TCP connections after this time without a query (RFC 7766, 6.2.3). */
  readonly idleMs: number;
  readonly maxConnections: number;
  /** UDP sockets for each address (Linux), each on its own thread except the first. */
  readonly sockets: number;
  /** The network in which it listens; not that of this process only with one socket for each address. */
  readonly network: NetworkSockets;
  /** Called when a worker thread has died. The others continue. */
  readonly onSocketLost: (why: string) => void;
}

export const DEFAULT_LIMITS: ServerLimits = {
  ratePerClient: 10_000,
  idleMs: 10_000,
  maxConnections: 1000,
  sockets: 1,
  network: ownNetwork,
  onSocketLost: () => undefined,
};
