import { familyOf, type SocketAddress } from '../../net/index.ts';
import { canOpenDatagramSockets, openBesideWildcard } from '../datagram-socket.ts';
import { answeringAddresses } from '../machine.ts';
import type { NetworkSockets } from './network-sockets.ts';
import { adoptUdpSocket, type BoundUdpSocket, openUdpSocket, type UdpSocketOptions } from './udp-socket.ts';

/** How often to look for new addresses: they come and go with networks and VPNs. */
const SCAN_MS = 2_000;

/** What serves one bound socket; `close` frees its port before it returns. */
export interface OpenListener {
  close(): void;
}

export interface ByAddressOptions extends UdpSocketOptions {
  /** This machine's addresses, now; throws where the system cannot say. */
  readonly addresses?: () => readonly string[];
  /** Opens the first socket. Default: in the network of this process. */
  readonly openUdp?: NetworkSockets['openUdp'];
}

/**
 * The UDP listeners of an address. A reply from a socket at a wildcard address leaves from the address that the system
 * chooses, and clients drop replies that come from another address than they asked. So on Linux a wildcard address has
 * one listener for each address of this machine besides the wildcard's own, which serves 127.0.0.1 and addresses that
 * are newer than the last scan. It also serves loopback addresses that nothing names (all of 127.0.0.0/8 exists), from
 * 127.0.0.1: only the control data of recvmsg (IP_PKTINFO) contains the destination of a datagram, and Node does not read
 * it. Elsewhere the wildcard's listener serves all.
 */
export class ListenersByAddress<L extends OpenListener> {
  readonly #options: ByAddressOptions;
  readonly #start: (bound: BoundUdpSocket) => L;
  readonly #first: { readonly listener: L; readonly bound: BoundUdpSocket };
  readonly #others = new Map<string, L>();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  private constructor(bound: BoundUdpSocket, start: (bound: BoundUdpSocket) => L, options: ByAddressOptions) {
    this.#options = options;
    this.#start = start;
    this.#first = { bound, listener: start(bound) };
  }

  /**
   * @param start makes the listener of a socket; it adds the socket's `error` listener
   * @throws the system's error, if the address itself cannot be bound
   */
  static async open<L extends OpenListener>(
    at: SocketAddress,
    start: (bound: BoundUdpSocket) => L,
    options: ByAddressOptions = {},
  ): Promise<ListenersByAddress<L>> {
    const { openUdp = openUdpSocket } = options;
    const listeners = new ListenersByAddress(await openUdp(at, options), start, options);
    if ((at.address === '0.0.0.0' || at.address === '::') && canOpenDatagramSockets()) {
      listeners.#scan();
      listeners.#timer = setInterval(() => listeners.#scan(), SCAN_MS).unref();
    }
    return listeners;
  }

  /** The address that was asked for, with the port that the system chose. */
  get at(): SocketAddress {
    return this.#first.bound.at;
  }

  all(): readonly L[] {
    return [this.#first.listener, ...this.#others.values()];
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#timer);
    for (const listener of this.all()) listener.close();
    this.#others.clear();
  }

  #scan(): void {
    const { at, fd } = this.#first.bound;
    if (fd === undefined) return;
    const { addresses = answeringAddresses, shared = false } = this.#options;
    let found: readonly string[];
    try {
      found = addresses();
    } catch {
      // The process may be out of file descriptors: the listeners stay as they are until the next scan.
      return;
    }
    const wanted = new Set(found.filter(address => familyOf(address) === familyOf(at.address)));
    for (const [address, listener] of this.#others) {
      if (wanted.has(address)) continue;
      this.#others.delete(address);
      listener.close();
    }
    for (const address of wanted) {
      if (this.#others.has(address)) continue;
      try {
        const own = { address, port: at.port };
        const bound = adoptUdpSocket(own, openBesideWildcard(fd, own, { shared }), this.#options);
        this.#others.set(address, this.#start(bound));
      } catch {
        // Not bindable yet, such as an IPv6 address whose duplicate check is under way: the next scan tries again.
      }
    }
  }
}
