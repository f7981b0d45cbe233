import type { Server } from 'node:http';
import { messageOf } from '../errors.ts';
import type { ProxiedRoute, Route, RouteChange } from '../routing/index.ts';
import { serve } from '../system/index.ts';
import { type HealthState, isHealthy, localReady, serviceAnswer } from './health.ts';

interface Port {
  readonly service: string;
  readonly port: number;
  readonly servers: Promise<readonly Server[]>;
}

/** Serves a health check for each Service with a healthCheckNodePort. */
export class ServiceHealth {
  readonly #state: HealthState;
  readonly #hosts: readonly string[];
  readonly #routesOf: (service: string) => readonly Route[];
  readonly #failed: (service: string, port: number, reason: string) => void;
  readonly #ports = new Map<string, Port>();
  readonly #counts = new Map<string, number>();

  /** @param hosts the node-port addresses */
  constructor(
    state: HealthState,
    hosts: readonly string[],
    routesOf: (service: string) => readonly Route[],
    failed: (service: string, port: number, reason: string) => void,
  ) {
    this.#state = state;
    this.#hosts = hosts;
    this.#routesOf = routesOf;
    this.#failed = failed;
  }

  /** To be called when the changes are in the kernel. */
  applied(changes: readonly RouteChange[]): void {
    for (const service of new Set(changes.map(({ route }) => route.service))) this.#update(service);
  }

  close(): void {
    for (const service of [...this.#ports.keys()]) this.#stop(service);
  }

  #update(service: string): void {
    const routes = this.#routesOf(service).filter((route): route is ProxiedRoute => route.kind === 'proxied');
    const port = routes.find(route => route.healthCheckNodePort !== undefined)?.healthCheckNodePort;
    this.#counts.set(service, localReady(routes));
    if (this.#ports.get(service)?.port === port) {
      if (port === undefined) this.#counts.delete(service);
      return;
    }
    this.#stop(service);
    if (port === undefined) this.#counts.delete(service);
    else this.#start(service, port);
  }

  #start(service: string, port: number): void {
    const servers = Promise.all(
      this.#hosts.map(address =>
        serve({ address, port }, () =>
          serviceAnswer(service, this.#counts.get(service) ?? 0, isHealthy(this.#state)),
        ).catch(error => {
          this.#failed(service, port, messageOf(error));
          return undefined;
        }),
      ),
    ).then(all => all.filter(server => server !== undefined));
    this.#ports.set(service, { service, port, servers });
  }

  #stop(service: string): void {
    const port = this.#ports.get(service);
    if (port === undefined) return;
    this.#ports.delete(service);
    void port.servers.then(servers => {
      for (const server of servers) {
        server.close();
        server.closeAllConnections();
      }
    });
  }
}
