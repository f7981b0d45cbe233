import type { ObjectEvent, ObjectKey } from '../kube/objects.ts';
import type { ObjectStore } from '../store/index.ts';
import { Directory } from './directory/directory.ts';
import { nameOf } from './forward/index.ts';
import { Lookup } from './lookup.ts';
import { Zones } from './names/zones.ts';
import type { Resolver } from './resolver.ts';
import { Responder } from './responder.ts';
import { DnsServer } from './server/dns-server.ts';
import type { DnsAddress } from './server/listen-failure.ts';
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
}

export interface Dns {
  /** For messages that come by other ways than sockets, and tests. */
  readonly responder: Responder;
  readonly statistics: DnsStatistics;
  /** Where it listens, with the ports that it got. */
  readonly addresses: readonly DnsAddress[];
  /**
   * Listens by UDP and TCP. Until the first `update` our own names are SERVFAIL.
   *
   * @throws SWB_LISTEN_FAILED
   */
  listen(places: readonly DnsAddress[]): Promise<void>;
  /** Takes what the store has just taken, and the Services that it said they touch. */
  update(events: readonly ObjectEvent[], touched: Iterable<ObjectKey>): void;
  /** Takes Services whose listeners have moved. */
  refresh(services: Iterable<ObjectKey>): void;
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
  const responder = new Responder({ directory, lookup, resolver, statistics, now });
  const { ratePerClient, idleMs, mostConnections } = options;
  const server = new DnsServer({
    responder,
    statistics,
    now,
    ...(ratePerClient === undefined ? {} : { ratePerClient }),
    ...(idleMs === undefined ? {} : { idleMs }),
    ...(mostConnections === undefined ? {} : { mostConnections }),
  });
  return {
    responder,
    statistics,
    get addresses() {
      return server.addresses;
    },
    listen: places => server.listen(places),
    update: (events, touched) => directory.update(events, touched),
    refresh: services => directory.refresh(services),
    close: async () => {
      await server.close();
      await resolver?.close();
    },
  };
}
