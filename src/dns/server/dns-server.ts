import { messageOf, OUT_OF_FILES, SwitchboardError, systemCodeOf } from '../../errors.ts';
import { hostPort, type SocketAddress } from '../../net/index.ts';
import { type ListenersByAddress, portNeedsRoot } from '../../system/index.ts';
import type { Responder } from '../responder.ts';
import type { DnsStatistics } from '../statistics.ts';
import { ClientRate } from './client-rate.ts';
import type { ServerOptions } from './options.ts';
import { type ListenFailure, SocketThreads } from './socket-threads.ts';
import { TcpListener } from './tcp-listener.ts';
import { UdpListener } from './udp-listener.ts';

/** Attempts for port 0: the port that TCP gets must be free for UDP, too. */
const MAX_TRIES = 10;

interface Pair {
  readonly udp: ListenersByAddress<UdpListener>;
  readonly tcp: TcpListener;
}

/** Listens on UDP and TCP on every address. */
export class DnsServer {
  readonly #options: ServerOptions;
  readonly #rate: ClientRate;
  readonly #pairs: Pair[] = [];
  #threads: SocketThreads | undefined;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#rate = new ClientRate(options.ratePerClient);
  }

  /** Answers messages that do not come from a socket, as in tests. */
  get responder(): Responder {
    return this.#options.responder;
  }

  /** The counts of this thread; those of others as of the last `collect`. */
  get statistics(): DnsStatistics {
    return this.#options.statistics;
  }

  /** The addresses it listens on, with their actual ports. */
  get addresses(): readonly SocketAddress[] {
    return this.#pairs.map(({ udp }) => udp.at);
  }

  /**
   * Listens on all addresses or none.
   *
   * @throws SWB_LISTEN_FAILED
   */
  async listen(places: readonly SocketAddress[]): Promise<void> {
    for (const place of places) {
      const failure = await this.#listenAt(place);
      if (failure !== undefined) await this.#fail(failure);
    }
    await this.#openThreads();
  }

  /**
   * Listens on the first address that is available. Does not fail if there is none.
   *
   * @returns the failures of the addresses before it
   * @throws SWB_LISTEN_FAILED if a thread cannot listen, too
   */
  async listenAtFirst(places: readonly SocketAddress[]): Promise<readonly ListenFailure[]> {
    const failures: ListenFailure[] = [];
    for (const place of places) {
      const failure = await this.#listenAt(place);
      if (failure === undefined) break;
      failures.push(failure);
    }
    await this.#openThreads();
    return failures;
  }

  /** Adds the counts of the worker threads to the statistics. */
  async collect(): Promise<void> {
    await this.#threads?.collect();
  }

  async close(): Promise<void> {
    await this.#threads?.close();
    const pairs = this.#pairs.splice(0);
    for (const { udp } of pairs) udp.close();
    await Promise.all(pairs.map(({ tcp }) => tcp.close()));
  }

  async #listenAt(place: SocketAddress): Promise<ListenFailure | undefined> {
    const { sockets } = this.#options;
    for (let attempt = 1; ; attempt++) {
      let tcp: TcpListener;
      try {
        tcp = await TcpListener.open(place, this.#options);
      } catch (error) {
        return { place, protocol: 'TCP', error };
      }
      const udpPlace = { address: place.address, port: tcp.port };
      try {
        const udp = await UdpListener.open(udpPlace, { ...this.#options, rate: this.#rate, shared: sockets > 1 });
        this.#pairs.push({ udp, tcp });
        return undefined;
      } catch (error) {
        await tcp.close();
        const retry = place.port === 0 && systemCodeOf(error) === 'EADDRINUSE' && attempt < MAX_TRIES;
        if (!retry) return { place: udpPlace, protocol: 'UDP', error };
      }
    }
  }

  async #openThreads(): Promise<void> {
    if (this.#options.sockets < 2 || this.#pairs.length === 0) return;
    this.#threads = new SocketThreads(this.addresses, this.#options);
    const failure = await this.#threads.open(this.#options.sockets - 1);
    if (failure !== undefined) await this.#fail(failure);
  }

  async #fail({ place, protocol, error }: ListenFailure): Promise<never> {
    await this.close();
    const why = await this.#reason(place, protocol, error);
    const message = `cannot answer DNS on ${hostPort(place.address, place.port)} (${protocol}): ${why}`;
    throw new SwitchboardError('SWB_LISTEN_FAILED', message, { cause: error, details: { ...place, protocol } });
  }

  async #reason(place: SocketAddress, protocol: 'UDP' | 'TCP', error: unknown): Promise<string> {
    switch (systemCodeOf(error)) {
      case 'EADDRINUSE':
        return `${await this.#options.network.portOwners().describe({ protocol, ...place })}; choose another port`;
      case 'EACCES':
      case 'EPERM':
        return `${portNeedsRoot(place.port)}; or choose a port from 1024 up`;
      case 'EMFILE':
      case 'ENFILE':
        return OUT_OF_FILES;
      case 'EADDRNOTAVAIL':
        return 'no interface of this machine has this address';
      case 'EAFNOSUPPORT':
        return 'this machine has no addresses of this family';
      default:
        return messageOf(error);
    }
  }
}
