import type { Pod } from '../../kube/index.ts';
import type { Protocol } from '../../net/index.ts';

/** A Service in the environment of pods, with the address at which it can be dialed here. */
export interface DialledService {
  readonly name: string;
  readonly host: string;
  readonly ports: readonly { readonly name: string; readonly port: number; readonly protocol: Protocol }[];
}

/**
 * The variables that the kubelet sets in containers for the Services of their namespace: `{SVC}_SERVICE_HOST`,
 * `{SVC}_SERVICE_PORT[_{NAME}]`, and the older `{SVC}_PORT_80_TCP...` set
 * (https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables).
 */
export function serviceEnvironment(services: readonly DialledService[]): Record<string, string> {
  const env: Record<string, string> = {};
  for (const service of services) {
    const first = service.ports[0];
    if (first === undefined) continue;
    const prefix = variable(service.name);
    env[`${prefix}_SERVICE_HOST`] = service.host;
    env[`${prefix}_SERVICE_PORT`] = String(first.port);
    const url = (port: { port: number; protocol: Protocol }) =>
      `${port.protocol.toLowerCase()}://${service.host.includes(':') ? `[${service.host}]` : service.host}:${port.port}`;
    env[`${prefix}_PORT`] = url(first);
    for (const port of service.ports) {
      if (port.name !== '') env[`${prefix}_SERVICE_PORT_${variable(port.name)}`] = String(port.port);
      const link = `${prefix}_PORT_${port.port}_${port.protocol}`;
      env[link] = url(port);
      env[`${link}_PROTO`] = port.protocol.toLowerCase();
      env[`${link}_PORT`] = String(port.port);
      env[`${link}_ADDR`] = service.host;
    }
  }
  return env;
}

function variable(name: string): string {
  return name.toUpperCase().replaceAll('-', '_');
}

/** The Services whose variables a pod gets. Every pod gets that of the API server, if there is one. */
export function servicesFor(
  pod: Pod,
  services: (namespace: string, pod: Pod) => readonly DialledService[],
): readonly DialledService[] {
  const { meta, spec } = pod;
  const own = spec.enableServiceLinks ? services(meta.namespace, pod) : [];
  if (own.some(({ name }) => name === 'kubernetes') && meta.namespace === 'default') return own;
  return [...services('default', pod).filter(({ name }) => name === 'kubernetes'), ...own];
}
