/**
 * A naive implementation of the Kubernetes DNS specification 1.1.0: writes out all records of the zone and looks
 * questions up in that list. Shares no code with the server. Where the specification leaves a choice, it follows
 * docs/dns.md.
 *
 * @module
 */
import type { EndpointSlice, KubeObject, Pod, Service } from '../../../src/kube/index.ts';

export interface OracleRecord {
  readonly owner: string;
  readonly type: string;
  readonly data: string;
}

export interface OracleAnswer {
  readonly rcode: 'NOERROR' | 'NXDOMAIN';
  /** `OWNER TYPE DATA`, sorted; SRV without its weight. */
  readonly answers: readonly string[];
}

export class Oracle {
  readonly records: OracleRecord[] = [];
  /** Names that exist but have no records. */
  readonly #bare = new Set<string>();
  readonly #zone: string;

  constructor(objects: readonly KubeObject[], zone: string) {
    this.#zone = zone;
    const slices = objects.filter(object => object.kind === 'EndpointSlice');
    for (const name of ['', 'svc.', 'pod.', 'dns.']) this.#bare.add(`${name}${zone}`);
    this.#add('dns-version', 'TXT', '1.1.0');
    this.#add('ns.dns', 'A', '127.0.0.1');
    // RFC 6761, 6.3; the target of an alias.
    this.records.push({ owner: 'localhost', type: 'A', data: '127.0.0.1' });
    this.records.push({ owner: 'localhost', type: 'AAAA', data: '::1' });
    this.records.push({ owner: zone, type: 'NS', data: `ns.dns.${zone}` });
    this.records.push({ owner: zone, type: 'SOA', data: `ns.dns.${zone} hostmaster.${zone}` });
    const namespaces = new Set([
      'default',
      ...objects.map(o => (o.kind === 'Namespace' ? o.meta.name : o.meta.namespace)),
    ]);
    for (const namespace of namespaces) {
      this.#bare.add(`${namespace}.svc.${zone}`);
      this.#bare.add(`${namespace}.pod.${zone}`);
    }
    for (const object of objects) {
      if (object.kind === 'Service') {
        const own = slices.filter(
          slice =>
            slice.meta.namespace === object.meta.namespace &&
            slice.meta.labels['kubernetes.io/service-name'] === object.meta.name,
        );
        this.#service(object, own);
      }
      if (object.kind === 'Pod') this.#pod(object);
    }
  }

  /** @param name in lower case */
  answer(name: string, type: string): OracleAnswer {
    const chain: OracleRecord[] = [];
    let at = name;
    for (;;) {
      const here = this.records.filter(record => record.owner === at);
      const alias = here.find(record => record.type === 'CNAME');
      if (alias === undefined) {
        const found = here.filter(record => record.type === type);
        if (found.length > 0 || this.#exists(at) || !this.#isOurs(at)) return heard('NOERROR', [...chain, ...found]);
        return heard('NXDOMAIN', chain);
      }
      if (type !== 'A' && type !== 'AAAA') return heard('NOERROR', [alias]);
      if (chain.includes(alias) || chain.length === 10) return heard('NOERROR', []);
      chain.push(alias);
      at = alias.data;
    }
  }

  #isOurs(name: string): boolean {
    return name === this.#zone || name.endsWith(`.${this.#zone}`);
  }

  /** RFC 8020: the name or any name below it has a record. */
  #exists(name: string): boolean {
    if (this.#bare.has(name)) return true;
    return this.records.some(({ owner }) => owner === name || owner.endsWith(`.${name}`));
  }

  #service(service: Service, slices: readonly EndpointSlice[]): void {
    const base = `${service.meta.name}.${service.meta.namespace}.svc`;
    if (service.type === 'ExternalName') {
      const target = (service.externalName ?? '').replace(/\.$/, '');
      if (!/^[\d.]+$/.test(target)) this.#add(base, 'CNAME', target);
      return;
    }
    if (!service.headless) {
      // 2.3: the name exists even if the Service has no endpoint.
      this.#bare.add(`${base}.${this.#zone}`);
      for (const ip of service.clusterIPs) this.#add(base, ip.includes(':') ? 'AAAA' : 'A', ip);
      for (const port of service.ports) {
        const data = `${port.port} ${base}.${this.#zone}`;
        this.#add(base, 'SRV', data);
        if (port.name !== '') this.#add(`_${port.name}._${port.protocol.toLowerCase()}.${base}`, 'SRV', data);
      }
    }
    for (const slice of slices) {
      if (slice.addressType === 'FQDN') continue;
      for (const endpoint of slice.endpoints) {
        if (!endpoint.ready) continue;
        for (const ip of endpoint.addresses) this.#endpoint(service, slice, base, endpoint.hostname, ip);
      }
    }
  }

  #endpoint(service: Service, slice: EndpointSlice, base: string, hostname: string | undefined, ip: string): void {
    const family = ip.includes(':') ? 'AAAA' : 'A';
    const label = hostname ?? ip.split('.').join('-').split(':').join('-').replace(/-$/, '-0');
    const own = `${label}.${base}`;
    this.#add(own, family, ip);
    if (service.headless) this.#add(base, family, ip);
    for (const port of slice.ports) {
      if (port.port === undefined) continue;
      const data = `${port.port} ${own}.${this.#zone}`;
      this.#add(own, 'SRV', data);
      if (!service.headless) continue;
      this.#add(base, 'SRV', data);
      if (port.name) this.#add(`_${port.name}._${port.protocol.toLowerCase()}.${base}`, 'SRV', data);
    }
  }

  #pod(pod: Pod): void {
    if (pod.meta.deletionTimestamp !== undefined) return;
    if (pod.spec.hostNetwork || pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed') return;
    for (const ip of pod.status.podIPs) {
      const label = ip.split('.').join('-').split(':').join('-');
      this.#add(`${label}.${pod.meta.namespace}.pod`, ip.includes(':') ? 'AAAA' : 'A', ip);
    }
  }

  #add(owner: string, type: string, data: string): void {
    this.records.push({ owner: `${owner}.${this.#zone}`, type, data });
  }
}

function heard(rcode: OracleAnswer['rcode'], records: readonly OracleRecord[]): OracleAnswer {
  return { rcode, answers: [...new Set(records.map(r => `${r.owner} ${r.type} ${r.data}`))].sort() };
}
