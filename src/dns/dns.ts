import type { ObjectEvent, ObjectKey } from '../kube/index.ts';
import type { ObjectStore } from '../world/index.ts';
import { Directory } from './directory/directory.ts';
import { LocalAnswerSource } from './local-answer-source.ts';
import { Lookup } from './lookup.ts';
import { parseName, Zones } from './names/name.ts';
import { DEFAULT_RECORD_OPTIONS, type RecordOptions } from './record-options.ts';
import type { Resolver } from './resolver.ts';
import { Responder } from './responder.ts';
import { DnsServer } from './server/dns-server.ts';
import { DEFAULT_LIMITS, type ServerLimits, type ServerOptions } from './server/options.ts';
import { DnsStatistics } from './statistics.ts';

export interface DnsOptions extends Partial<ServerLimits> {
  /** The indexed objects. Its owner calls `update` after every change. */
  readonly store: ObjectStore;
  readonly records?: Partial<RecordOptions>;
  /** Resolves names outside our zones; undefined refuses them. */
  readonly resolver?: Resolver;
  /** Zones whose upstream the user has named, `.` for all names. They are forwarded even below `local.` or `test.`. */
  readonly forwardedZones?: readonly string[];
}

/**
 * A DNS server for the Services of a store (Kubernetes DNS specification 1.1.0). Answers SERVFAIL for names in our zones
 * until the first `update`.
 */
export class Dns extends DnsServer {
  readonly #directory: Directory;
  readonly #resolver: Resolver | undefined;

  constructor(directory: Directory, resolver: Resolver | undefined, options: ServerOptions) {
    super(options);
    this.#directory = directory;
    this.#resolver = resolver;
  }

  /** Call after the store has applied a batch, with the events and the keys of the affected Services. */
  update(events: readonly ObjectEvent[], touched: Iterable<ObjectKey>): void {
    this.#directory.update(events, touched);
  }

  /** Call when the listeners of Services have changed. */
  refresh(services: Iterable<ObjectKey>): void {
    this.#directory.update([], services);
  }

  /** Closes the sockets, the threads and the resolver. */
  override async close(): Promise<void> {
    await super.close();
    await this.#resolver?.close();
  }
}

/** @throws SWB_USAGE for an invalid zone name */
export function createDns(options: DnsOptions): Dns {
  const records = { ...DEFAULT_RECORD_OPTIONS, ...options.records };
  const { store, resolver } = options;
  const now = () => performance.now();
  const zones = new Zones(records.zones);
  const directory = new Directory({ store, options: records, now: Date.now });
  const { epochs } = directory;
  const statistics = new DnsStatistics();
  const policy = {
    forwarding: resolver !== undefined,
    ownZones: zones.all().map(zone => zone.labels),
    forwardedZones: (options.forwardedZones ?? []).map(parseName),
  };
  const lookup = new Lookup({ directory, zones, policy });
  const source = new LocalAnswerSource({ directory, lookup, resolver, statistics });
  return new Dns(directory, resolver, {
    ...DEFAULT_LIMITS,
    ...options,
    responder: new Responder({ source, epochs, statistics, now }),
    ...{ epochs, statistics, now, recursion: source.recursion },
  });
}
