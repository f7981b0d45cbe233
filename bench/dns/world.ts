/** The names that all servers have, in the format of each, and the queries for them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type Kind = 'A' | 'SRV' | 'NXDOMAIN' | 'forwarded';
export const KINDS: readonly Kind[] = ['A', 'SRV', 'NXDOMAIN', 'forwarded'];

/** Names outside the zone, which all three forward to the same upstream. */
const OUTSIDE_NAMES = 5000;
const SHOWN_ADDRESS = (index: number) => `10.${96 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`;

export interface World {
  readonly services: number;
  readonly ports: Ports;
  /** Of a file by its name. */
  at(name: string): string;
  /** The file of queries. */
  questions(kind: Kind): string;
}

export interface Ports {
  /** One upstream for all worlds. */
  readonly upstream: number;
  readonly unbound: number;
  readonly dnsmasq: number;
  readonly withSrv: number;
  readonly switchboard: number;
  readonly twoSockets: number;
}

/** @param index of a world among those that are served at the same time */
export function portsOf(index: number): Ports {
  const first = 5400 + 10 * index;
  const [unbound, dnsmasq, withSrv, switchboard] = [first, first + 1, first + 2, first + 3];
  return { upstream: 5396, unbound, dnsmasq, withSrv, switchboard, twoSockets: first + 4 };
}

export function writeWorld(folder: string, services: number, ports: Ports): World {
  const at = (name: string) => join(folder, `${services}-${name}`);
  const all = Array.from({ length: services }, (_, index) => {
    const [name, namespace, address] = [`svc-${index}`, `ns-${index % 50}`, SHOWN_ADDRESS(index)];
    return { name, namespace, address, host: `${name}.${namespace}.svc.cluster.local` };
  });
  const write = (name: string, lines: readonly string[]) => writeFileSync(at(name), `${lines.join('\n')}\n`);
  const outside = Array.from({ length: OUTSIDE_NAMES }, (_, index) => `host-${index}.bench.example`);

  write(
    'services.yaml',
    all.map(
      ({ name, namespace, address }) =>
        `---\napiVersion: v1\nkind: Service\nmetadata: { name: ${name}, namespace: ${namespace} }\nspec: { clusterIP: ${address}, ports: [{ name: http, port: 80 }] }`,
    ),
  );
  write(
    'hosts',
    all.map(({ address, host }) => `${address} ${host}`),
  );
  write(
    'srv.conf',
    all.map(({ host }) => `srv-host=_http._tcp.${host},${host},80,0,100`),
  );
  const local = all.flatMap(({ address, host }) => [
    `  local-data: "${host}. 5 IN A ${address}"`,
    `  local-data: "_http._tcp.${host}. 5 IN SRV 0 100 80 ${host}."`,
  ]);
  const forwarding = [`forward-zone:`, `  name: "."`, `  forward-addr: 127.0.0.1@${ports.upstream}`];
  const zone = ['  local-zone: "cluster.local." static'];
  write('unbound.conf', [...unboundServer(ports.unbound), ...zone, ...local, ...forwarding]);
  const served = outside.map((name, index) => `  local-data: "${name}. 3600 IN A ${SHOWN_ADDRESS(index)}"`);
  write('upstream.conf', [...unboundServer(ports.upstream), '  local-zone: "bench.example." static', ...served]);

  const queries: Readonly<Record<Kind, readonly string[]>> = {
    A: all.map(({ host }) => `${host} A`),
    SRV: all.map(({ host }) => `_http._tcp.${host} SRV`),
    NXDOMAIN: all.map(({ namespace }, index) => `none-${index}.${namespace}.svc.cluster.local A`),
    forwarded: outside.map(name => `${name} A`),
  };
  for (const kind of KINDS) write(`${kind}.questions`, queries[kind]);
  return { services, ports, at, questions: kind => at(`${kind}.questions`) };
}

function unboundServer(port: number): string[] {
  return [
    ...[
      'server:',
      '  interface: 127.0.0.1',
      `  port: ${port}`,
      '  num-threads: 1',
      '  do-daemonize: no',
      '  use-syslog: no',
    ],
    ...['  username: ""', '  chroot: ""', '  pidfile: ""', '  verbosity: 0', '  do-not-query-localhost: no'],
    ...['  module-config: "iterator"', '  msg-cache-size: 64m', '  rrset-cache-size: 128m'],
  ];
}
