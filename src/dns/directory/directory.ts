import type { ObjectEvent, ObjectKey } from '../../kube/objects.ts';
import type { ObjectStore } from '../../world/index.ts';
import type { DnsSettings } from '../settings.ts';
import { AskedRecords } from './asked-records.ts';
import { Epochs } from './epochs.ts';
import { type KnownService, knownOf } from './known-service.ts';
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
  readonly reverse: ReverseIndex;
  /** Counts every change that an answer could show. */
  readonly epochs = new Epochs();
  /** Unix seconds of the last such change. */
  serial: number;
  /** False until the source has told everything for the first time: nothing can be said of names before. */
  synced = false;
  readonly #store: ObjectStore;
  readonly #now: () => number;
  /** Those whose name exists. */
  readonly #known = new Map<ObjectKey, KnownService>();
  readonly #asked = new AskedRecords();
  readonly #fronting = new Set<ObjectKey>();

  constructor(options: DirectoryOptions) {
    this.#store = options.store;
    this.#now = options.now;
    this.settings = options.settings;
    this.namespaces = new Namespaces(options.settings.namespaces);
    this.reverse = new ReverseIndex(key => this.#recordsOf(key));
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
    for (const key of touched) {
      if (!this.#refresh(key)) continue;
      this.epochs.serviceChanged(key);
      changed = true;
    }
    if (!changed) return;
    this.serial = this.#seconds();
    this.epochs.changed();
  }

  /** Takes Services whose listeners have moved. */
  refresh(services: Iterable<ObjectKey>): void {
    this.update([], services);
  }

  /** undefined: no such Service, or one whose name does not exist. */
  service(namespace: string, name: string): ServiceRecords | undefined {
    return this.#recordsOf(`${namespace}/${name}`);
  }

  /** The Service that leads to this server itself: its address is ours, and it has DNS' port. */
  fronting(): ServiceRecords | undefined {
    const [first] = [...this.#fronting].sort();
    return first === undefined ? undefined : this.#recordsOf(first);
  }

  #recordsOf(key: ObjectKey): ServiceRecords | undefined {
    if (!this.#known.has(key)) return undefined;
    const asked = this.#asked.get(key);
    if (asked !== undefined) return asked;
    const made = this.#make(key);
    if (made !== undefined) this.#asked.set(made);
    return made;
  }

  /** From the store as it is now; undefined: the name does not exist. */
  #make(key: ObjectKey): ServiceRecords | undefined {
    const service = this.#store.service(key);
    if (service === undefined || !this.namespaces.allows(service.meta.namespace)) return undefined;
    const made = serviceRecords(service, this.#store, this.settings);
    return made.kind === 'hidden' ? undefined : made;
  }

  #refresh(key: ObjectKey): boolean {
    const before = this.#known.get(key);
    const records = this.#make(key);
    const after = records === undefined ? undefined : knownOf(records);
    if (before?.fingerprint === after?.fingerprint) return false;
    this.#asked.delete(key);
    if (before !== undefined) {
      this.reverse.remove(key, before);
      this.#fronting.delete(key);
      this.#known.delete(key);
    }
    if (records !== undefined && after !== undefined) {
      this.reverse.add(key, after);
      this.#known.set(key, after);
      if (this.#frontsUs(records)) this.#fronting.add(key);
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
