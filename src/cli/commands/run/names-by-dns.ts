import { createDns } from '../../../dns/index.ts';
import type { ObjectKey } from '../../../kube/index.ts';
import { HTTP_PORT, type NameProxy, openNameProxy, proxyEnvironment } from '../../../run/index.ts';
import type { Up } from '../../../up/index.ts';
import { followUp } from '../../dns/beside-up.ts';
import { serviceListeners } from '../../dns/service-listeners.ts';
import type { Access } from './session.ts';

export interface DnsNames {
  /** The namespace whose Services have short names. */
  readonly namespace: string;
  readonly domain: string;
  /** The address on which DNS listens. */
  readonly address: string;
  /** The socket of a proxy in the outside network; undefined if the command must not reach that network. */
  readonly outside: string | undefined;
}

/** resolv.conf cannot name another port. */
const DNS_PORT = 53;

/** Answers with the addresses on which Services listen, and refuses other names: this network reaches no upstream server. */
export function namesByDns(up: Up, options: DnsNames): Access {
  const { domain, address, outside } = options;
  const listenersOf = (service: ObjectKey) => serviceListeners(up, up.inside, service);
  const dns = createDns({
    store: up.world.store,
    records: { zones: [domain], serverAddresses: [address], listenersOf },
  });
  followUp(dns, up, up.inside);
  let proxy: NameProxy | undefined;
  return {
    open: async () => {
      await dns.listen([{ address, port: DNS_PORT }]);
      if (outside === undefined) return;
      proxy = await openNameProxy((host, port = HTTP_PORT) => ({ kind: 'relay', path: outside, host, port }));
    },
    environment: own => ({
      ...withoutProxies(own),
      ...(proxy === undefined ? {} : proxyEnvironment(proxy, serviceNames(up, options))),
    }),
    close: async () => {
      proxy?.close();
      await dns.close();
    },
  };
}

/** Names that resolve here and so need no proxy; programs apply each to its subdomains, too. */
function serviceNames(up: Up, { namespace, domain }: DnsNames): string[] {
  const names = [`.${domain}`, '.svc'];
  for (const { meta } of up.world.store.services()) {
    names.push(`${meta.name}.${meta.namespace}`);
    if (meta.namespace === namespace) names.push(meta.name);
  }
  return names;
}

/** The proxies that the environment names are in the outside network, which the command cannot reach. */
function withoutProxies(own: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(own).filter(([name]) => !/^(https?|all|ftp|no)_proxy$/i.test(name)));
}
