import type { ObjectEvent, ObjectKey } from '../../kube/index.ts';
import type { ObjectStore } from '../../world/index.ts';
import { BoundedCache } from '../bounded-cache.ts';
import { reversePath } from '../names/addresses.ts';
import type { RecordOptions } from '../record-options.ts';
import { AddressIndex, PodAddresses } from './address-index.ts';
import { Epochs } from './epochs.ts';
import { Namespaces } from './namespaces.ts';
import { distinct, type ServiceRecords, type ServiceSummary, serviceRecords, summaryOf } from './service-records.ts';

/** Limit of endpoints in all cached records; each Service counts as one more. */
const MAX_CACHED_ENDPOINTS = 50_000;

export interface DirectoryOptions {
  readonly store: ObjectStore;
  readonly options: RecordOptions;
  /** Unix time in milliseconds, for the serial of the zones. */
  readonly now: () => number;
}

/**
 * The names that exist and their records. Each event updates only the affected Services. Reads the store and makes no
 * routing decisions.
 */
export class Directory {
  readonly options: RecordOptions;
  readonly namespaces: Namespaces;
  readonly pods = new PodAddresses();
  /** Incremented by every change that an answer could show. */
  readonly epochs = new Epochs();
  /** Unix seconds of the last such change. */
  serial: number;
  /** False until the first update. Before it, nothing is known about names. */
  synced = false;
  readonly #store: ObjectStore;
  readonly #now: () => number;
  /** Services whose name exists. */
  readonly #summaries = new Map<ObjectKey, ServiceSummary>();
  /** Records of Services with recent queries. */
  readonly #records = new BoundedCache<ObjectKey, ServiceRecords>({
    maxSize: MAX_CACHED_ENDPOINTS,
    sizeOf: (_key, { endpoints }) => 1 + endpoints.size,
  });
  /** Services by their own addresses, and by those of their ready endpoints. */
  readonly #frontends = new AddressIndex();
  readonly #endpoints = new AddressIndex();

  constructor(options: DirectoryOptions) {
    this.#store = options.store;
    this.#now = options.now;
    this.options = options.options;
    this.namespaces = new Namespaces(options.options.namespaces);
    this.serial = this.#seconds();
  }

  /**
   * Call after the store has applied a batch, with the events and the keys of the affected Services. Answers are up to
   * date when this returns.
   */
  update(events: readonly ObjectEvent[], touched: Iterable<ObjectKey>): void {
    let changed = !this.synced;
    this.synced = true;
    for (const event of events) {
      if (this.namespaces.apply(event)) changed = true;
      if (this.pods.apply(event)) changed = true;
    }
    for (const key of touched) {
      if (!this.#refresh(key)) continue;
      this.epochs.serviceChanged(key);
      changed = true;
    }
    if (!changed) return;
    this.serial = this.#seconds();
    this.epochs.changed();
  }

  /** @returns undefined if the Service does not exist, or its name does not */
  service(namespace: string, name: string): ServiceRecords | undefined {
    return this.#recordsOf(`${namespace}/${name}`);
  }

  /** The Service of this DNS server: it has one of our addresses, and port 53. */
  ownService(): ServiceRecords | undefined {
    const { serverAddresses } = this.options;
    const keys = serverAddresses.flatMap(address => [...this.#frontends.at(address), ...this.#endpoints.at(address)]);
    return this.#services(keys).find(({ kind, ports, endpoints }) =>
      (kind === 'headless' ? [...endpoints.values()].flat().flatMap(endpoint => endpoint.ports) : ports).some(
        ({ port }) => port === DNS_PORT,
      ),
    );
  }

  /** Whether there is a name of an address below a prefix of `reversePath`. */
  hasBelow(prefix: string): boolean {
    return [this.#frontends, this.#endpoints].some(index =>
      [...index.addresses()].some(address => reversePath(address).startsWith(prefix)),
    );
  }

  /**
   * The targets of the PTR records of an address, without the zone: `web.default`, `10-0-0-1.web.default`. A cluster IP
   * has only the name of its Service. An endpoint has a name in every Service that lists it, headless Services first: the
   * specification requires only theirs (1.1.0, 2.4.3), CoreDNS returns all.
   */
  namesOf(address: string): string[] {
    // If manifests give two Services the same address, always return the same name.
    const [service] = this.#services(this.#frontends.at(address));
    if (service !== undefined) return [`${service.name}.${service.namespace}`];
    const rank = ({ kind }: ServiceRecords) => (kind === 'headless' ? 0 : 1);
    const names = this.#services(this.#endpoints.at(address))
      .sort((a, b) => rank(a) - rank(b))
      .flatMap(records =>
        [...records.endpoints.values()]
          .flat()
          .filter(endpoint => endpoint.address === address)
          .map(endpoint => `${endpoint.label}.${records.name}.${records.namespace}`),
      );
    return distinct(names);
  }

  /** Sorted by key. */
  #services(keys: readonly ObjectKey[]): ServiceRecords[] {
    return distinct(keys)
      .sort()
      .map(key => this.#recordsOf(key))
      .filter(records => records !== undefined);
  }

  #recordsOf(key: ObjectKey): ServiceRecords | undefined {
    if (!this.#summaries.has(key)) return undefined;
    const cached = this.#records.get(key);
    if (cached !== undefined) return cached;
    const records = this.#build(key);
    if (records !== undefined) this.#records.set(key, records);
    return records;
  }

  /** Builds records from the store. @returns undefined if the name does not exist */
  #build(key: ObjectKey): ServiceRecords | undefined {
    const service = this.#store.service(key);
    if (service === undefined || !this.namespaces.allows(service.meta.namespace)) return undefined;
    return serviceRecords(service, this.#store, this.options);
  }

  #refresh(key: ObjectKey): boolean {
    const before = this.#summaries.get(key);
    const records = this.#build(key);
    const after = records === undefined ? undefined : summaryOf(records);
    if (before?.fingerprint === after?.fingerprint) return false;
    this.#records.delete(key);
    this.#frontends.replace(key, before?.frontends ?? [], after?.frontends ?? []);
    this.#endpoints.replace(key, before?.endpoints ?? [], after?.endpoints ?? []);
    if (after === undefined) this.#summaries.delete(key);
    else this.#summaries.set(key, after);
    return true;
  }

  #seconds(): number {
    return Math.floor(this.#now() / 1000);
  }
}

const DNS_PORT = 53;
