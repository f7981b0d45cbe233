import { isIP } from 'node:net';
import type { Route } from '../../../routing/index.ts';
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
} from '../../../run/index.ts';
import type { Up } from '../../../up/index.ts';
import type { Access } from './session.ts';

export interface ProxiedNames {
  readonly namespace: string;
  readonly domain: string;
  /** Called with the port of the proxy. */
  readonly onOpen: (port: number) => void;
}

/** A proxy, which the environment names, resolves the names of Services and dials all other names unchanged. */
export function namesByProxy(up: Up, options: ProxiedNames): Access {
  let proxy: NameProxy | undefined;
  const credential = new ProxyCredential();
  const locate: Locate = (host, port) => {
    if (isIP(host) !== 0) return { kind: 'dial', host, port: port ?? HTTP_PORT };
    for (const target of serviceHosts(host, options)) {
      const routes = up.table
        .routesOf(`${target.namespace}/${target.service}`)
        .filter(route => route.protocol === 'TCP');
      if (routes.length > 0) return destination(up, target, routes, port);
    }
    // Every user of this machine can request NAME.localhost, so it reaches Services only.
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

function destination(up: Up, target: ServiceHost, routes: readonly Route[], port: number | undefined): Destination {
  const name = `${target.namespace}/${target.service}`;
  const [first] = routes;
  if (first?.kind === 'externalName') return { kind: 'dial', host: first.externalName, port: port ?? HTTP_PORT };
  if (target.endpoint !== undefined || first?.kind === 'headless') return endpoint(name, target, routes, port);
  // Without a number, as in NAME.localhost: the port whose name suggests HTTP, or else the first.
  const route =
    port === undefined
      ? (routes.find(candidate => /^(http|web)/.test(candidate.portName)) ?? first)
      : routes.find(candidate => candidate.port === port);
  if (route === undefined) return { kind: 'nothing', why: `Service ${name} has no port ${port}` };
  const listener = up.front
    .listenersOf(route.key)
    .find(candidate => candidate.frontend.kind === 'clusterIP' && candidate.failed === undefined);
  return listener === undefined
    ? { kind: 'nothing', why: `Service ${name} port ${route.port} has no listener` }
    : { kind: 'dial', host: listener.address, port: listener.port };
}

/** Clients of a headless Service connect to the ports of its pods. */
function endpoint(name: string, target: ServiceHost, routes: readonly Route[], port: number | undefined): Destination {
  const all = routes.flatMap(route => route.endpoints.filter(candidate => candidate.ready));
  const found = all.find(
    candidate =>
      (port === undefined || candidate.port === port) &&
      (target.endpoint === undefined || target.endpoint === (candidate.hostname ?? dashed(candidate.address))),
  );
  return found === undefined
    ? {
        kind: 'nothing',
        why: `Service ${name} has no ready endpoint ${target.endpoint ?? ''} at port ${port ?? 'any'}`,
      }
    : { kind: 'dial', host: found.address, port: found.port };
}

function dashed(address: string): string {
  return address.replaceAll(/[.:]/g, '-');
}
