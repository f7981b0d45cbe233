import { systemCodeOf } from '../../errors.ts';
import type { Responder } from '../responder.ts';
import type { DnsStatistics } from '../statistics.ts';
import { ClientRate } from './client-rate.ts';
import { type DnsAddress, listenFailure } from './listen-failure.ts';
import { TcpListener } from './tcp-listener.ts';
import { UdpListener } from './udp-listener.ts';

export interface ServerOptions {
  readonly responder: Responder;
  readonly statistics: DnsStatistics;
  /** A clock that never goes back, milliseconds. */
  readonly now: () => number;
  /** UDP answers in a second to one client that is not on loopback; Infinity: no bound. */
  readonly ratePerClient?: number;
  readonly idleMs?: number;
  readonly mostConnections?: number;
}

/** Ports tried for a place with port 0, where UDP must be free at the port that TCP got. */
const MOST_TRIES = 10;

interface Pair {
  readonly udp: UdpListener;
  readonly tcp: TcpListener;
}

/** The sockets: UDP and TCP at every address. */
export class DnsServer {
  readonly #options: ServerOptions;
  readonly #rate: ClientRate;
  readonly #pairs: Pair[] = [];
  readonly #addresses: DnsAddress[] = [];

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#rate = new ClientRate(options.ratePerClient ?? 10_000);
  }

  /** Where it listens, with the ports that it got. */
  get addresses(): readonly DnsAddress[] {
    return this.#addresses;
  }

  /**
   * Listens by UDP and TCP; all addresses or none.
   *
   * @throws SWB_LISTEN_FAILED
   */
  async listen(places: readonly DnsAddress[]): Promise<void> {
    try {
      for (const place of places) {
        const pair = await this.#open(place);
        this.#pairs.push(pair);
        this.#addresses.push({ address: place.address, port: pair.udp.port });
      }
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    const pairs = this.#pairs.splice(0);
    this.#addresses.length = 0;
    await Promise.all(pairs.flatMap(({ udp, tcp }) => [udp.close(), tcp.close()]));
  }

  async #open(place: DnsAddress): Promise<Pair> {
    for (let tried = 1; ; tried++) {
      const tcp = await this.#openTcp(place);
      const sought = { address: place.address, port: tcp.port };
      try {
        return { tcp, udp: await UdpListener.open(sought, { ...this.#options, rate: this.#rate }) };
      } catch (error) {
        await tcp.close();
        const again = place.port === 0 && systemCodeOf(error) === 'EADDRINUSE' && tried < MOST_TRIES;
        if (!again) throw await listenFailure(sought, 'UDP', error);
      }
    }
  }

  async #openTcp(place: DnsAddress): Promise<TcpListener> {
    const { idleMs = 10_000, mostConnections = 1000, ...options } = this.#options;
    try {
      return await TcpListener.open(place, { ...options, idleMs, mostConnections });
    } catch (error) {
      throw await listenFailure(place, 'TCP', error);
    }
  }
}
