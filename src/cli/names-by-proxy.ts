import { isIP } from 'node:net';
import type { Route } from '../routing/index.ts';
import {
  type Destination,
  HTTP_PORT,
  type Locate,
  type NameProxy,
  openNameProxy,
  ProxyCredential,
  proxyEnvironment,
  type ServiceHost,
  serviceHosts,
} from '../run/index.ts';
import type { Up } from '../up/index.ts';
import type { Access } from './run-session.ts';

export interface ProxiedNames {
  readonly namespace: string;
  readonly domain: string;
  /** Told where the proxy is. */
  readonly onOpen: (port: number) => void;
}

/** Names are resolved by a proxy, which the environment names; what is no name of ours it dials as it stands. */
export function namesByProxy(up: Up, options: ProxiedNames): Access {
  let proxy: NameProxy | undefined;
  const credential = new ProxyCredential();
  const locate: Locate = (host, port) => {
    if (isIP(host) !== 0) return { kind: 'dial', host, port: port ?? HTTP_PORT };
    for (const meant of serviceHosts(host, options)) {
      const routes = up.table.routesOf(`${meant.namespace}/${meant.service}`).filter(route => route.protocol === 'TCP');
      if (routes.length > 0) return destination(up, meant, routes, port);
    }
    // Everybody on this machine may ask for NAME.localhost, so it leads to Services and nowhere else.
    if (port === undefined) return { kind: 'nothing', why: `there is no Service ${host}` };
    return { kind: 'dial', host, port };
  };
  return {
    open: async () => {
      proxy = await openNameProxy(locate, { credential });
      options.onOpen(proxy.port);
    },
    environment: own => ({
      ...own,
      ...(proxy === undefined ? {} : proxyEnvironment({ port: proxy.port, credential })),
    }),
    close: async () => proxy?.close(),
  };
}

function destination(up: Up, meant: ServiceHost, routes: readonly Route[], port: number | undefined): Destination {
  const name = `${meant.namespace}/${meant.service}`;
  const [first] = routes;
  if (first?.kind === 'externalName') return { kind: 'dial', host: first.externalName, port: port ?? HTTP_PORT };
  if (meant.endpoint !== undefined || first?.kind === 'headless') return endpoint(name, meant, routes, port);
  // Without a number, as with NAME.localhost: the port that speaks HTTP, as far as its name tells, or the first.
  const route =
    port === undefined
      ? (routes.find(candidate => /^(http|web)/.test(candidate.portName)) ?? first)
      : routes.find(candidate => candidate.port === port);
  if (route === undefined) return { kind: 'nothing', why: `Service ${name} has no port ${port}` };
  const listener = up
    .listenersOf(route.key)
    .find(candidate => candidate.frontend.kind === 'clusterIP' && candidate.failed === undefined);
  return listener === undefined
    ? { kind: 'nothing', why: `Service ${name} port ${route.port} listens nowhere` }
    : { kind: 'dial', host: listener.address, port: listener.port };
}

/** Clients of a headless Service dial the pods' own ports. */
function endpoint(name: string, meant: ServiceHost, routes: readonly Route[], port: number | undefined): Destination {
  const all = routes.flatMap(route => route.endpoints.filter(candidate => candidate.ready));
  const found = all.find(
    candidate =>
      (port === undefined || candidate.port === port) &&
      (meant.endpoint === undefined || meant.endpoint === (candidate.hostname ?? dashed(candidate.address))),
  );
  return found === undefined
    ? { kind: 'nothing', why: `Service ${name} has no ready endpoint ${meant.endpoint ?? ''} at port ${port ?? 'any'}` }
    : { kind: 'dial', host: found.address, port: found.port };
}

function dashed(address: string): string {
  return address.replaceAll(/[.:]/g, '-');
}
