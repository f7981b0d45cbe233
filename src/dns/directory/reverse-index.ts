import { reversePath } from '../names/reverse-name.ts';
import { distinct, type ServiceRecords } from './service-records.ts';

/** Who is at an address: Services that are dialled there, and Services with a ready endpoint there. */
interface AtAddress {
  readonly services: Set<ServiceRecords>;
  readonly endpoints: Set<ServiceRecords>;
  /** Made when somebody asks for a name above an address, which is seldom. */
  path?: string;
}

/** Address -> names, kept up to date Service by Service. */
export class ReverseIndex {
  readonly #at = new Map<string, AtAddress>();

  add(records: ServiceRecords): void {
    if (records.kind === 'clusterIP') for (const address of records.addresses) this.#of(address).services.add(records);
    for (const endpoints of records.endpoints.values()) {
      for (const { address } of endpoints) this.#of(address).endpoints.add(records);
    }
  }

  remove(records: ServiceRecords): void {
    const addresses = [...records.addresses, ...[...records.endpoints.values()].flat().map(e => e.address)];
    for (const address of addresses) {
      const at = this.#at.get(address);
      if (at === undefined) continue;
      at.services.delete(records);
      at.endpoints.delete(records);
      if (at.services.size === 0 && at.endpoints.size === 0) this.#at.delete(address);
    }
  }

  has(address: string): boolean {
    return this.#at.has(address);
  }

  /** Whether an address that somebody has lies below the prefix. */
  hasBelow(prefix: string): boolean {
    for (const [address, at] of this.#at) {
      at.path ??= reversePath(address);
      if (at.path.startsWith(prefix)) return true;
    }
    return false;
  }

  /**
   * What PTR answers, each without the zone: `web.default`, `10-0-0-1.web.default`. A cluster IP has its Service's
   * name and no other. Else every Service that lists the endpoint gives it a name, headless ones first: the
   * specification wants theirs only (1.1.0, 2.4.3), CoreDNS gives all.
   */
  namesOf(address: string): string[] {
    const at = this.#at.get(address);
    if (at === undefined) return [];
    // One address in two Services is a fault of manifests; of two names the answer is always the same one.
    const [service] = [...at.services].sort(byKey);
    if (service !== undefined) return [`${service.name}.${service.namespace}`];
    const ordered = [...at.endpoints].sort((a, b) => headlessLast(a) - headlessLast(b) || byKey(a, b));
    return distinct(ordered.flatMap(records => labelsAt(records, address)));
  }

  #of(address: string): AtAddress {
    const known = this.#at.get(address);
    if (known !== undefined) return known;
    const made: AtAddress = { services: new Set(), endpoints: new Set() };
    this.#at.set(address, made);
    return made;
  }
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

function byKey(a: ServiceRecords, b: ServiceRecords): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}
