import type { ObjectEvent, ObjectKey } from '../kube/objects.ts';
import type { ObjectStore } from '../world/index.ts';
import { Directory } from './directory/directory.ts';
import { nameOf } from './forward/index.ts';
import { Lookup } from './lookup.ts';
import { Zones } from './names/zones.ts';
import { OwnAnswers } from './own-answers.ts';
import type { Resolver } from './resolver.ts';
import { Responder } from './responder.ts';
import { DnsServer, type Refusal } from './server/dns-server.ts';
import type { DnsAddress } from './server/listen-failure.ts';
import { SocketThreads } from './server/socket-threads.ts';
import { DEFAULT_SETTINGS, type DnsSettings } from './settings.ts';
import { DnsStatistics } from './statistics.ts';

export interface DnsOptions {
  /** The objects, indexed; its owner tells `update` of every change. */
  readonly store: ObjectStore;
  readonly settings?: Partial<DnsSettings>;
  /** Who is asked for names that are not ours; undefined: nobody, they are refused. */
  readonly resolver?: Resolver;
  /** Zones with an upstream of their own, which are asked even below `local.` or `test.`. */
  readonly askedZones?: readonly string[];
  /** UDP answers in a second to one client that is not on loopback. */
  readonly ratePerClient?: number;
  /** A TCP connection without a question is closed after so many milliseconds. */
  readonly idleMs?: number;
  readonly mostConnections?: number;
  /** UDP sockets at each place, each with a thread of its own but the first (Linux); 1 by default. */
  readonly sockets?: number;
  /** Told of a thread that has ended by itself; the others go on. */
  readonly onSocketLost?: (why: string) => void;
}

export interface Dns {
  /** For messages that come by other ways than sockets, and tests. */
  readonly responder: Responder;
  /** Of this thread; of all since `collect`. */
  readonly statistics: DnsStatistics;
  /** Where it listens, with the ports that it got. */
  readonly addresses: readonly DnsAddress[];
  /**
   * Listens by UDP and TCP. Until the first `update` our own names are SERVFAIL.
   *
   * @throws SWB_LISTEN_FAILED
   */
  listen(places: readonly DnsAddress[]): Promise<void>;
  /**
   * Listens at the first place that can be had; that there is none is no failure.
   *
   * @returns why those before it could not be had
   */
  listenAtFirst(places: readonly DnsAddress[]): Promise<readonly Refusal[]>;
  /** Takes what the store has just taken, and the Services that it said they touch. */
  update(events: readonly ObjectEvent[], touched: Iterable<ObjectKey>): void;
  /** Takes Services whose listeners have moved. */
  refresh(services: Iterable<ObjectKey>): void;
  /** Adds what other threads have counted since to the statistics. */
  collect(): Promise<void>;
  /** Closes the sockets and the resolver. */
  close(): Promise<void>;
}

/**
 * A DNS server for the Services of a store (Kubernetes DNS specification 1.1.0).
 *
 * @throws SWB_USAGE for a zone that is no name
 */
export function createDns(options: DnsOptions): Dns {
  const settings = { ...DEFAULT_SETTINGS, ...options.settings };
  const { store, resolver } = options;
  const now = () => performance.now();
  const zones = new Zones(settings.zones);
  const directory = new Directory({ store, settings, now: Date.now });
  const statistics = new DnsStatistics();
  const policy = {
    forwarding: resolver !== undefined,
    ownZones: zones.all().map(zone => nameOf(zone.text)),
    askedZones: (options.askedZones ?? []).map(nameOf),
  };
  const lookup = new Lookup({ directory, zones, policy });
  const source = new OwnAnswers({ directory, lookup, resolver, statistics });
  const responder = new Responder({ source, epochs: directory.epochs, statistics, now });
  const { ratePerClient = 10_000, idleMs, mostConnections, sockets = 1, onSocketLost = () => undefined } = options;
  const server = new DnsServer({
    responder,
    statistics,
    now,
    ratePerClient,
    shared: sockets > 1,
    ...(idleMs === undefined ? {} : { idleMs }),
    ...(mostConnections === undefined ? {} : { mostConnections }),
  });
  let threads: SocketThreads | undefined;
  const openThreads = async (): Promise<void> => {
    if (sockets < 2 || server.addresses.length === 0) return;
    const own = { responder, epochs: directory.epochs, statistics, now, onLost: onSocketLost };
    const setup = { places: server.addresses, recursion: source.recursion, ratePerClient };
    try {
      threads = await SocketThreads.open(sockets - 1, { ...own, ...setup });
    } catch (error) {
      await server.close();
      throw error;
    }
  };
  return {
    responder,
    statistics,
    get addresses() {
      return server.addresses;
    },
    listen: async places => {
      await server.listen(places);
      await openThreads();
    },
    listenAtFirst: async places => {
      const refusals = await server.listenAtFirst(places);
      await openThreads();
      return refusals;
    },
    collect: async () => threads?.collect(),
    update: (events, touched) => directory.update(events, touched),
    refresh: services => directory.refresh(services),
    close: async () => {
      await threads?.close();
      await server.close();
      await resolver?.close();
    },
  };
}
