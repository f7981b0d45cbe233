import type { ObjectKey } from '../../kube/index.ts';
import { reversePath } from '../names/addresses.ts';
import { distinct, type ServiceRecords, type ServiceSummary } from './service-records.ts';

/** Most addresses belong to one Service, and an array for each would take most of the memory. */
type Keys = ObjectKey | readonly ObjectKey[];

/** Maps addresses to Services. */
export class ReverseIndex {
  /** Services by their own addresses. */
  readonly #frontends = new Map<string, Keys>();
  /** Services by the addresses of their ready endpoints. */
  readonly #endpoints = new Map<string, Keys>();
  readonly #recordsOf: (key: ObjectKey) => ServiceRecords | undefined;

  constructor(recordsOf: (key: ObjectKey) => ServiceRecords | undefined) {
    this.#recordsOf = recordsOf;
  }

  add(key: ObjectKey, { frontends, endpoints }: ServiceSummary): void {
    for (const address of frontends) addTo(this.#frontends, address, key);
    for (const address of endpoints) addTo(this.#endpoints, address, key);
  }

  remove(key: ObjectKey, { frontends, endpoints }: ServiceSummary): void {
    for (const address of frontends) removeFrom(this.#frontends, address, key);
    for (const address of endpoints) removeFrom(this.#endpoints, address, key);
  }

  /** Whether the index has an address below the prefix. */
  hasBelow(prefix: string): boolean {
    for (const index of [this.#frontends, this.#endpoints]) {
      for (const address of index.keys()) if (reversePath(address).startsWith(prefix)) return true;
    }
    return false;
  }

  /**
   * The targets of the PTR records of an address, without the zone: `web.default`, `10-0-0-1.web.default`. A cluster IP
   * has only the name of its Service. An endpoint has a name in every Service that lists it, headless Services first: the
   * specification requires only theirs (1.1.0, 2.4.3), CoreDNS returns all.
   */
  namesOf(address: string): string[] {
    // If manifests give two Services the same address, always return the same name.
    const [service] = this.#recordsAt(this.#frontends, address);
    if (service !== undefined) return [`${service.name}.${service.namespace}`];
    const ordered = this.#recordsAt(this.#endpoints, address).sort((a, b) => headlessLast(a) - headlessLast(b));
    return distinct(ordered.flatMap(records => labelsAt(records, address)));
  }

  /** Sorted by key. */
  #recordsAt(index: ReadonlyMap<string, Keys>, address: string): ServiceRecords[] {
    const keys = [...listOf(index.get(address))].sort();
    return keys.map(this.#recordsOf).filter(records => records !== undefined);
  }
}

function listOf(keys: Keys | undefined): readonly ObjectKey[] {
  return keys === undefined ? [] : typeof keys === 'string' ? [keys] : keys;
}

function addTo(index: Map<string, Keys>, address: string, key: ObjectKey): void {
  const before = index.get(address);
  if (before === undefined) index.set(address, key);
  else if (!listOf(before).includes(key)) index.set(address, [...listOf(before), key]);
}

function removeFrom(index: Map<string, Keys>, address: string, key: ObjectKey): void {
  const left = listOf(index.get(address)).filter(other => other !== key);
  const [only] = left;
  if (only === undefined) index.delete(address);
  else index.set(address, left.length === 1 ? only : left);
}

function labelsAt(records: ServiceRecords, address: string): string[] {
  return [...records.endpoints.values()]
    .flat()
    .filter(endpoint => endpoint.address === address)
    .map(endpoint => `${endpoint.label}.${records.name}.${records.namespace}`);
}

function headlessLast(records: ServiceRecords): number {
  return records.kind === 'headless' ? 0 : 1;
}
