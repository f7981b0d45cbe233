import { systemCodeOf } from '../../errors.ts';
import type { SocketAddress } from '../../net/index.ts';
import type { ListenersByAddress } from '../../system/index.ts';
import type { Responder } from '../responder.ts';
import type { DnsStatistics } from '../statistics.ts';
import { ClientRate } from './client-rate.ts';
import { listenError } from './listen-error.ts';
import { TcpListener } from './tcp-listener.ts';
import { UdpListener } from './udp-listener.ts';

export interface ServerOptions {
  readonly responder: Responder;
  readonly statistics: DnsStatistics;
  /** A monotonic clock in milliseconds. */
  readonly now: () => number;
  /** UDP responses per second to a client that is not on loopback; Infinity for no limit. */
  readonly ratePerClient: number;
  readonly idleMs?: number;
  readonly maxConnections?: number;
  /** Worker threads will bind UDP sockets to the same addresses. */
  readonly shared: boolean;
}

/** Attempts for port 0: the port that TCP gets must be free for UDP, too. */
const MAX_TRIES = 10;

interface Pair {
  readonly udp: ListenersByAddress<UdpListener>;
  readonly tcp: TcpListener;
}

/** An address that is not available. */
export interface ListenFailure {
  readonly place: SocketAddress;
  readonly protocol: 'UDP' | 'TCP';
  /** The system's error, with its `code`. */
  readonly error: unknown;
}

/** Listens on UDP and TCP on every address. */
export class DnsServer {
  readonly #options: ServerOptions;
  readonly #rate: ClientRate;
  readonly #pairs: Pair[] = [];
  readonly #addresses: SocketAddress[] = [];

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#rate = new ClientRate(options.ratePerClient);
  }

  /** The addresses it listens on, with their actual ports. */
  get addresses(): readonly SocketAddress[] {
    return this.#addresses;
  }

  /**
   * Listens on all addresses or none.
   *
   * @throws SWB_LISTEN_FAILED
   */
  async listen(places: readonly SocketAddress[]): Promise<void> {
    for (const place of places) {
      const failure = await this.#listenAt(place);
      if (failure === undefined) continue;
      await this.close();
      throw await listenError(failure.place, failure.protocol, failure.error);
    }
  }

  /**
   * Listens on the first address that is available. Does not fail if there is none.
   *
   * @returns the failures of the addresses before it
   */
  async listenAtFirst(places: readonly SocketAddress[]): Promise<readonly ListenFailure[]> {
    const failures: ListenFailure[] = [];
    for (const place of places) {
      const failure = await this.#listenAt(place);
      if (failure === undefined) break;
      failures.push(failure);
    }
    return failures;
  }

  async close(): Promise<void> {
    const pairs = this.#pairs.splice(0);
    this.#addresses.length = 0;
    for (const { udp } of pairs) udp.close();
    await Promise.all(pairs.map(({ tcp }) => tcp.close()));
  }

  async #listenAt(place: SocketAddress): Promise<ListenFailure | undefined> {
    const pair = await this.#open(place);
    if ('error' in pair) return pair;
    this.#pairs.push(pair);
    this.#addresses.push({ address: place.address, port: pair.udp.at.port });
    return undefined;
  }

  async #open(place: SocketAddress): Promise<Pair | ListenFailure> {
    const { idleMs = 10_000, maxConnections = 1000, ...options } = this.#options;
    for (let attempt = 1; ; attempt++) {
      let tcp: TcpListener;
      try {
        tcp = await TcpListener.open(place, { ...options, idleMs, maxConnections });
      } catch (error) {
        return { place, protocol: 'TCP', error };
      }
      const udpPlace = { address: place.address, port: tcp.port };
      try {
        return { tcp, udp: await UdpListener.open(udpPlace, { ...this.#options, rate: this.#rate }) };
      } catch (error) {
        await tcp.close();
        const retry = place.port === 0 && systemCodeOf(error) === 'EADDRINUSE' && attempt < MAX_TRIES;
        if (!retry) return { place: udpPlace, protocol: 'UDP', error };
      }
    }
  }
}
