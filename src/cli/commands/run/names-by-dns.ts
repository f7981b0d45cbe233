import { createDns } from '../../../dns/index.ts';
import type { ObjectKey } from '../../../kube/objects.ts';
import { HTTP_PORT, type NameProxy, openNameProxy, proxyEnvironment } from '../../../run/index.ts';
import type { Up } from '../../../up/index.ts';
import { followUp } from '../../dns/beside-up.ts';
import { serviceListeners } from '../../dns/service-listeners.ts';
import type { Access } from './session.ts';

export interface DnsNames {
  /** Whose Services have short names. */
  readonly namespace: string;
  readonly domain: string;
  /** Where DNS listens. */
  readonly address: string;
  /** The path of a proxy in the network outside; without one there is no way out. */
  readonly outside: string | undefined;
}

/** resolv.conf has no place for another port. */
const DNS_PORT = 53;

/** Names lead to where their Services listen. Others are refused: in a network without a way out nobody can be asked. */
export function namesByDns(up: Up, options: DnsNames): Access {
  const { domain, address, outside } = options;
  const listenersOf = (service: ObjectKey) => serviceListeners(up, service);
  const dns = createDns({
    store: up.world.store,
    records: { zones: [domain], serverAddresses: [address], listenersOf },
  });
  followUp(dns, up);
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

/** What resolves here, and so needs no proxy; programs take each for the names below it as well. */
function serviceNames(up: Up, { namespace, domain }: DnsNames): string[] {
  const names = [`.${domain}`, '.svc'];
  for (const { meta } of up.world.store.services()) {
    names.push(`${meta.name}.${meta.namespace}`);
    if (meta.namespace === namespace) names.push(meta.name);
  }
  return names;
}

/** A proxy that the environment names is outside, where nothing can be reached. */
function withoutProxies(own: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(own).filter(([name]) => !/^(https?|all|ftp|no)_proxy$/i.test(name)));
}
