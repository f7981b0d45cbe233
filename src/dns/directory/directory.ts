import type { ObjectEvent, ObjectKey } from '../../kube/objects.ts';
import type { ObjectStore } from '../../store/index.ts';
import type { DnsSettings } from '../settings.ts';
import { Namespaces } from './namespaces.ts';
import { PodAddresses } from './pod-addresses.ts';
import { ReverseIndex } from './reverse-index.ts';
import { distinct, type ServiceRecords, serviceRecords } from './service-records.ts';

export interface DirectoryOptions {
  readonly store: ObjectStore;
  readonly settings: DnsSettings;
  /** Unix time in milliseconds, for the serial of the zones. */
  readonly now: () => number;
}

/**
 * What there is to answer with, kept up to date event by event: one touched Service is one Service's work. It reads
 * the store and decides no routing.
 */
export class Directory {
  readonly settings: DnsSettings;
  readonly namespaces: Namespaces;
  readonly pods = new PodAddresses();
  readonly reverse = new ReverseIndex();
  /** Rises with every change that an answer could show. */
  generation = 0;
  /** Unix seconds of the last such change. */
  serial: number;
  /** False until the source has told everything for the first time: nothing can be said of names before. */
  synced = false;
  readonly #store: ObjectStore;
  readonly #now: () => number;
  readonly #services = new Map<ObjectKey, ServiceRecords>();
  readonly #fronting = new Set<ServiceRecords>();

  constructor(options: DirectoryOptions) {
    this.#store = options.store;
    this.#now = options.now;
    this.settings = options.settings;
    this.namespaces = new Namespaces(options.settings.namespaces);
    this.serial = this.#seconds();
  }

  /**
   * Takes what the store has just taken: the events, and the Services that it said they touch. Answers are the new ones
   * when this returns.
   */
  update(events: readonly ObjectEvent[], touched: Iterable<ObjectKey>): void {
    let changed = !this.synced;
    this.synced = true;
    for (const event of events) {
      if (this.namespaces.note(event)) changed = true;
      if (this.pods.note(event)) changed = true;
    }
    for (const key of touched) if (this.#refresh(key)) changed = true;
    if (!changed) return;
    this.generation += 1;
    this.serial = this.#seconds();
  }

  /** Takes Services whose listeners have moved. */
  refresh(services: Iterable<ObjectKey>): void {
    this.update([], services);
  }

  /** undefined: no such Service, or one whose name does not exist. */
  service(namespace: string, name: string): ServiceRecords | undefined {
    return this.#services.get(`${namespace}/${name}`);
  }

  /** Whether an answer made from these records still holds. */
  holds(records: ServiceRecords): boolean {
    return this.#services.get(records.key) === records;
  }

  /** The Service that leads to this server itself: its address is ours, and it has DNS' port. */
  fronting(): ServiceRecords | undefined {
    return [...this.#fronting].sort((a, b) => (a.key < b.key ? -1 : 1))[0];
  }

  #refresh(key: ObjectKey): boolean {
    const before = this.#services.get(key);
    const service = this.#store.service(key);
    const visible = service !== undefined && this.namespaces.allows(service.meta.namespace);
    const made = visible ? serviceRecords(service, this.#store, this.settings) : undefined;
    const after = made === undefined || made.kind === 'hidden' ? undefined : made;
    if (before === undefined && after === undefined) return false;
    if (before !== undefined && after !== undefined && sameRecords(before, after)) return false;
    if (before !== undefined) {
      this.reverse.remove(before);
      this.#fronting.delete(before);
      this.#services.delete(key);
    }
    if (after !== undefined) {
      this.reverse.add(after);
      this.#services.set(key, after);
      if (this.#frontsUs(after)) this.#fronting.add(after);
    }
    return true;
  }

  #frontsUs(records: ServiceRecords): boolean {
    if (records.kind === 'alias') return false;
    const endpoints = [...records.endpoints.values()].flat();
    const ports = records.kind === 'headless' ? endpoints.flatMap(endpoint => endpoint.ports) : records.ports;
    if (!ports.some(port => port.port === DNS_PORT)) return false;
    const addresses = distinct([...records.addresses, ...endpoints.map(endpoint => endpoint.address)]);
    return addresses.some(address => this.settings.serverAddresses.includes(address));
  }

  #seconds(): number {
    return Math.floor(this.#now() / 1000);
  }
}

const DNS_PORT = 53;

/** Plain data, written field by field in one order. */
function sameRecords(a: ServiceRecords, b: ServiceRecords): boolean {
  if (a.kind !== b.kind || a.endpoints.size !== b.endpoints.size) return false;
  return JSON.stringify([a, [...a.endpoints]]) === JSON.stringify([b, [...b.endpoints]]);
}
