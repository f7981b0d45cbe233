import { createDns, type Dns, type DnsOptions, type RecordOptions } from '../../../src/dns/index.ts';
import type { ObjectEvent } from '../../../src/kube/index.ts';
import { ObjectStore } from '../../../src/world/index.ts';
import { sets } from '../../support/objects.ts';
import { type Place, TcpClient, UdpClient } from './client.ts';

/** A server on real sockets with objects that a test can change. */
export class Served {
  readonly dns: Dns;
  readonly store = new ObjectStore();
  readonly #clients: { close(): void }[] = [];

  constructor(records: Partial<RecordOptions>, options: Partial<DnsOptions>) {
    this.dns = createDns({ store: this.store, records: { serverAddresses: ['127.0.0.1'], ...records }, ...options });
  }

  static async start(
    yaml: string | undefined,
    records: Partial<RecordOptions> = {},
    options: Partial<DnsOptions> = {},
  ) {
    const served = new Served(records, options);
    if (yaml !== undefined) served.take(sets(yaml));
    await served.dns.listen([
      { address: '127.0.0.1', port: 0 },
      { address: '::1', port: 0 },
    ]);
    return served;
  }

  take(events: readonly ObjectEvent[]): void {
    this.dns.update(events, this.store.apply(events));
  }

  place(family: 'IPv4' | 'IPv6' = 'IPv4'): Place {
    const place = this.dns.addresses[family === 'IPv4' ? 0 : 1];
    if (place === undefined) throw new Error('it does not listen');
    return place;
  }

  udp(family: 'IPv4' | 'IPv6' = 'IPv4'): UdpClient {
    const client = new UdpClient(this.place(family));
    this.#clients.push(client);
    return client;
  }

  tcp(family: 'IPv4' | 'IPv6' = 'IPv4'): TcpClient {
    const client = new TcpClient(this.place(family));
    this.#clients.push(client);
    return client;
  }

  async close(): Promise<void> {
    for (const client of this.#clients.splice(0)) client.close();
    await this.dns.close();
  }
}
