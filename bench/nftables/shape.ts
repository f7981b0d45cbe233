/**
 * Rules in the shape of kube-proxy 1.34, taken from the kernel of a node that ran it for the same cluster: a chain for
 * each Service and one for each endpoint. For clusters where kube-proxy itself takes too long to get ready. The times
 * are those of nft alone, process start included; they favour kube-proxy, whose own work is not included.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import type { Change } from './churn.ts';
import { NODE_ADDRESS, nft, POD_ADDRESSES, type Twin } from './topology.ts';
import { ENDPOINTS, endpointAddress, POD_CIDR, SERVICE_CIDR, serviceAddress } from './world.ts';

const TABLE = 'ip kube-proxy';
const MARK = '0x00004000';
const WARM_UP = 1;
const SERVICES_AT_ONCE = 10_000;

const FRAME = `
table ${TABLE} {
  set cluster-ips { type ipv4_addr; }
  set nodeport-ips { type ipv4_addr; elements = { ${NODE_ADDRESS} } }
  map no-endpoint-services { type ipv4_addr . inet_proto . inet_service : verdict; }
  map no-endpoint-nodeports { type inet_proto . inet_service : verdict; }
  map firewall-ips { type ipv4_addr . inet_proto . inet_service : verdict; }
  map service-ips { type ipv4_addr . inet_proto . inet_service : verdict; }
  map service-nodeports { type inet_proto . inet_service : verdict; }
  chain nodeport-endpoints-check { ip daddr @nodeport-ips meta l4proto . th dport vmap @no-endpoint-nodeports; }
  chain service-endpoints-check { ip daddr . meta l4proto . th dport vmap @no-endpoint-services; }
  chain firewall-check { ip daddr . meta l4proto . th dport vmap @firewall-ips; }
  chain services {
    ip daddr . meta l4proto . th dport vmap @service-ips
    ip daddr @nodeport-ips meta l4proto . th dport vmap @service-nodeports
  }
  chain masquerading {
    meta mark & ${MARK} == 0 return
    meta mark set meta mark ^ ${MARK}
    masquerade fully-random
  }
  chain cluster-ips-check {
    ip daddr @cluster-ips reject
    ip daddr ${SERVICE_CIDR} drop
  }
  chain mark-for-masquerade { meta mark set meta mark | ${MARK}; }
  chain reject-chain { reject; }
  chain filter-prerouting-pre-dnat {
    type filter hook prerouting priority -110;
    ct state new jump firewall-check
  }
  chain filter-output-pre-dnat {
    type filter hook output priority -110;
    ct state new jump firewall-check
  }
  chain filter-input {
    type filter hook input priority 0;
    ct state new jump nodeport-endpoints-check
    ct state new jump service-endpoints-check
  }
  chain filter-forward {
    type filter hook forward priority 0;
    ct state new jump service-endpoints-check
    ct state new jump cluster-ips-check
  }
  chain filter-output {
    type filter hook output priority 0;
    ct state new jump service-endpoints-check
    ct state new jump cluster-ips-check
  }
  chain nat-prerouting {
    type nat hook prerouting priority -100;
    jump services
  }
  chain nat-output {
    type nat hook output priority -100;
    jump services
  }
  chain nat-postrouting {
    type nat hook postrouting priority 100;
    jump masquerading
  }
}
`;

export class Shape {
  readonly #twin: Twin;

  constructor(twin: Twin) {
    this.#twin = twin;
  }

  /** @returns milliseconds; undefined: it timed out */
  load(services: number, limitMs: number): number | undefined {
    const started = performance.now();
    for (let from = 0; from < services; from += SERVICES_AT_ONCE) {
      const lines: string[] = from === 0 ? [FRAME] : [];
      const to = Math.min(from + SERVICES_AT_ONCE, services);
      for (let service = from; service < to; service++) {
        lines.push(...rewritten(service, service === 0 ? POD_ADDRESSES : firstOf(service)));
        lines.push(
          `add element ${TABLE} cluster-ips { ${serviceAddress(service)} }`,
          `add element ${TABLE} service-ips { ${serviceAddress(service)} . tcp . 80 : goto ${serviceChain(service)} }`,
        );
      }
      if (this.#run(lines, limitMs - (performance.now() - started)) === undefined) return undefined;
    }
    return performance.now() - started;
  }

  /** As many as the time allows, without the first one. @returns milliseconds of each */
  async changes(next: () => Change, count: number, limitMs: number): Promise<number[]> {
    const until = performance.now() + limitMs;
    const times: number[] = [];
    while (times.length < count + WARM_UP && performance.now() < until) {
      const took = await this.apply([next()], limitMs);
      if (took === undefined) break;
      times.push(took);
    }
    return times.slice(WARM_UP);
  }

  /** Rewrites the Services' chains with the chains of all their endpoints, as kube-proxy does. */
  async apply(changes: readonly Change[], limitMs: number): Promise<number | undefined> {
    const lines = changes.flatMap(({ service, addresses, removed }) => [
      ...rewritten(service, addresses),
      ...removed.map(address => `delete chain ${TABLE} ${endpointChain(service, address)}`),
    ]);
    return this.#run(lines, limitMs);
  }

  stop(): void {
    nft(this.#twin.node, 'flush ruleset');
  }

  #run(lines: readonly string[], limitMs: number): number | undefined {
    if (limitMs <= 0) return undefined;
    try {
      return nft(this.#twin.node, `${lines.join('\n')}\n`, limitMs);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ETIMEDOUT') return undefined;
      throw error;
    }
  }
}

function rewritten(service: number, addresses: readonly string[]): string[] {
  const own = serviceChain(service);
  const branches = addresses.map((address, i) => `${i} : goto ${endpointChain(service, address)}`);
  return [
    ...addresses.flatMap(address => {
      const chain = endpointChain(service, address);
      return [
        `add chain ${TABLE} ${chain}`,
        `flush chain ${TABLE} ${chain}`,
        `add rule ${TABLE} ${chain} ip saddr ${address} jump mark-for-masquerade`,
        `add rule ${TABLE} ${chain} meta l4proto tcp dnat to ${address}:8080`,
      ];
    }),
    `add chain ${TABLE} ${own}`,
    `flush chain ${TABLE} ${own}`,
    `add rule ${TABLE} ${own} ip daddr ${serviceAddress(service)} ip saddr != ${POD_CIDR} jump mark-for-masquerade`,
    `add rule ${TABLE} ${own} numgen random mod ${addresses.length} vmap { ${branches.join(', ')} }`,
  ];
}

function firstOf(service: number): string[] {
  return Array.from({ length: ENDPOINTS }, (_, i) => endpointAddress(service, i));
}

function serviceChain(service: number): string {
  return named('service', `bench/s${service}/tcp/http`);
}

function endpointChain(service: number, address: string): string {
  return named('endpoint', `bench/s${service}/tcp/http__${address}/8080`);
}

function named(kind: string, name: string): string {
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8).toUpperCase();
  return `${kind}-${hash}-${name}`;
}
