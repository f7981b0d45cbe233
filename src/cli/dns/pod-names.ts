import { createDns, type Dns } from '../../dns/index.ts';
import { keyOf } from '../../kube/index.ts';
import type { Up } from '../../up/index.ts';
import { followUp } from './beside-up.ts';
import { serviceListeners } from './service-listeners.ts';

/** resolv.conf cannot name another port. */
const DNS_PORT = 53;

/** Answers pods with the cluster IPs that the plane of the pods serves. @throws SWB_LISTEN_FAILED */
export async function podNames(up: Up, domain: string, address: string): Promise<Dns> {
  const { store } = up.world;
  const dns = createDns({
    store,
    records: {
      zones: [domain],
      serverAddresses: [address],
      listenersOf: service => serviceListeners(up, up.inside, service),
    },
  });
  const objects = [...store.all()].map(object => ({ type: 'set', object }) as const);
  dns.update(objects, new Set([...store.services()].map(({ meta }) => keyOf(meta))));
  followUp(dns, up, up.inside);
  await dns.listen([{ address, port: DNS_PORT }]);
  return dns;
}
