import type { ObjectKey } from '../../kube/objects.ts';
import { reversePath } from '../names/addresses.ts';
import type { KnownService } from './known-service.ts';
import { distinct, type ServiceRecords } from './service-records.ts';

/** One Service is the rule, and a list for each address would be most of the memory. */
type Keys = ObjectKey | readonly ObjectKey[];

/** Address -> Services, kept up to date Service by Service. */
export class ReverseIndex {
  /** Who is dialled there. */
  readonly #frontends = new Map<string, Keys>();
  /** Who has a ready endpoint there. */
  readonly #endpoints = new Map<string, Keys>();
  readonly #recordsOf: (key: ObjectKey) => ServiceRecords | undefined;

  constructor(recordsOf: (key: ObjectKey) => ServiceRecords | undefined) {
    this.#recordsOf = recordsOf;
  }

  add(key: ObjectKey, { frontends, endpoints }: KnownService): void {
    for (const address of frontends) addTo(this.#frontends, address, key);
    for (const address of endpoints) addTo(this.#endpoints, address, key);
  }

  remove(key: ObjectKey, { frontends, endpoints }: KnownService): void {
    for (const address of frontends) removeFrom(this.#frontends, address, key);
    for (const address of endpoints) removeFrom(this.#endpoints, address, key);
  }

  /** Whether an address that somebody has lies below the prefix. */
  hasBelow(prefix: string): boolean {
    for (const index of [this.#frontends, this.#endpoints]) {
      for (const address of index.keys()) if (reversePath(address).startsWith(prefix)) return true;
    }
    return false;
  }

  /**
   * What PTR answers, each without the zone: `web.default`, `10-0-0-1.web.default`. A cluster IP has its Service's
   * name and no other. Else every Service that lists the endpoint gives it a name, headless ones first: the
   * specification wants theirs only (1.1.0, 2.4.3), CoreDNS gives all.
   */
  namesOf(address: string): string[] {
    // One address in two Services is a fault of manifests; of two names the answer is always the same one.
    const [service] = this.#recordsAt(this.#frontends, address);
    if (service !== undefined) return [`${service.name}.${service.namespace}`];
    const ordered = this.#recordsAt(this.#endpoints, address).sort((a, b) => headlessLast(a) - headlessLast(b));
    return distinct(ordered.flatMap(records => labelsAt(records, address)));
  }

  /** By key. */
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
