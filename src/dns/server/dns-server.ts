import { systemCodeOf } from '../../errors.ts';
import type { SocketAddress } from '../../kube/address.ts';
import type { ListenersByAddress } from '../../system/index.ts';
import type { Responder } from '../responder.ts';
import type { DnsStatistics } from '../statistics.ts';
import { ClientRate } from './client-rate.ts';
import { listenFailure } from './listen-failure.ts';
import { TcpListener } from './tcp-listener.ts';
import { UdpListener } from './udp-listener.ts';

export interface ServerOptions {
  readonly responder: Responder;
  readonly statistics: DnsStatistics;
  /** A clock that never goes back, milliseconds. */
  readonly now: () => number;
  /** UDP answers in a second to one client that is not on loopback; Infinity: no bound. */
  readonly ratePerClient: number;
  readonly idleMs?: number;
  readonly mostConnections?: number;
  /** Other UDP sockets of ours are going to be bound at the same places. */
  readonly shared: boolean;
}

/** Ports tried for a place with port 0, where UDP must be free at the port that TCP got. */
const MOST_TRIES = 10;

interface Pair {
  readonly udp: ListenersByAddress<UdpListener>;
  readonly tcp: TcpListener;
}

/** A place that could not be listened on. */
export interface Refusal {
  readonly place: SocketAddress;
  readonly protocol: 'UDP' | 'TCP';
  /** The system's, with its `code`. */
  readonly error: unknown;
}

/** The sockets: UDP and TCP at every address. */
export class DnsServer {
  readonly #options: ServerOptions;
  readonly #rate: ClientRate;
  readonly #pairs: Pair[] = [];
  readonly #addresses: SocketAddress[] = [];

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#rate = new ClientRate(options.ratePerClient);
  }

  /** Where it listens, with the ports that it got. */
  get addresses(): readonly SocketAddress[] {
    return this.#addresses;
  }

  /**
   * Listens by UDP and TCP; all addresses or none.
   *
   * @throws SWB_LISTEN_FAILED
   */
  async listen(places: readonly SocketAddress[]): Promise<void> {
    for (const place of places) {
      const refusal = await this.#listenAt(place);
      if (refusal === undefined) continue;
      await this.close();
      throw await listenFailure(refusal.place, refusal.protocol, refusal.error);
    }
  }

  /**
   * Listens at the first place that can be had; that there is none is no failure.
   *
   * @returns why those before it could not be had
   */
  async listenAtFirst(places: readonly SocketAddress[]): Promise<readonly Refusal[]> {
    const refusals: Refusal[] = [];
    for (const place of places) {
      const refusal = await this.#listenAt(place);
      if (refusal === undefined) break;
      refusals.push(refusal);
    }
    return refusals;
  }

  async close(): Promise<void> {
    const pairs = this.#pairs.splice(0);
    this.#addresses.length = 0;
    for (const { udp } of pairs) udp.close();
    await Promise.all(pairs.map(({ tcp }) => tcp.close()));
  }

  async #listenAt(place: SocketAddress): Promise<Refusal | undefined> {
    const pair = await this.#open(place);
    if ('error' in pair) return pair;
    this.#pairs.push(pair);
    this.#addresses.push({ address: place.address, port: pair.udp.at.port });
    return undefined;
  }

  async #open(place: SocketAddress): Promise<Pair | Refusal> {
    const { idleMs = 10_000, mostConnections = 1000, ...options } = this.#options;
    for (let tried = 1; ; tried++) {
      let tcp: TcpListener;
      try {
        tcp = await TcpListener.open(place, { ...options, idleMs, mostConnections });
      } catch (error) {
        return { place, protocol: 'TCP', error };
      }
      const sought = { address: place.address, port: tcp.port };
      try {
        return { tcp, udp: await UdpListener.open(sought, { ...this.#options, rate: this.#rate }) };
      } catch (error) {
        await tcp.close();
        const again = place.port === 0 && systemCodeOf(error) === 'EADDRINUSE' && tried < MOST_TRIES;
        if (!again) return { place: sought, protocol: 'UDP', error };
      }
    }
  }
}
