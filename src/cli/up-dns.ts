import { createDns } from '../dns/index.ts';
import type { Applied } from '../planes/index.ts';
import type { ObjectsTaken } from '../routing/index.ts';
import type { Up } from '../up/index.ts';
import { dnsPlace, forwarderTo, placesText, reachedAt } from './dns-places.ts';
import { serviceListeners } from './names-by-dns.ts';

/** DNS beside a running `up`. */
export interface UpDns {
  readonly taken: ObjectsTaken;
  applied(applied: Applied): void;
  /** @throws SWB_LISTEN_FAILED */
  listen(): Promise<void>;
  close(): Promise<void>;
}

export interface UpDnsFlags {
  /** `address:port` */
  readonly dns: readonly string[];
  readonly clusterDomain: string;
}

/**
 * Names lead to where their Services listen; others are asked of the system's servers.
 *
 * @throws SWB_USAGE
 */
export async function upDns(flags: UpDnsFlags): Promise<(up: Up) => UpDns> {
  const places = flags.dns.map(text => dnsPlace('--dns', text));
  const resolver = await forwarderTo([], places);
  return up => {
    const dns = createDns({
      store: up.table.store,
      settings: {
        zones: [flags.clusterDomain],
        serverAddresses: reachedAt(places),
        listenersOf: service => serviceListeners(up, service),
      },
      resolver,
    });
    return {
      taken: (events, touched) => dns.update(events, touched),
      applied: ({ changes }) => dns.refresh(new Set(changes.map(change => change.route.service))),
      listen: async () => {
        try {
          await dns.listen(places);
        } catch (error) {
          await dns.close();
          throw error;
        }
        process.stderr.write(`dns: listening on ${placesText(dns.addresses)} (UDP and TCP)\n`);
        void resolver.checkLoops();
      },
      close: () => dns.close(),
    };
  };
}
