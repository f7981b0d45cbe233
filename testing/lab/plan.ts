/**
 * Turns the description of a lab into the commands that build it. Pure, so that it can be read and tested without root.
 *
 * Every host has one veth pair and no other network, with a gateway at the other end (as with CNI's ptp plugin and
 * Calico). There is no bridge, so a pod that reaches itself through its node needs no hairpin port, and no range is
 * on-link by accident. Pods are connected to their node; nodes and clients to the world.
 *
 * @module
 */
import { hostsOf, type LabSpec, WORLD } from './spec.ts';

export interface HostPlan {
  readonly name: string;
  /** Files below /proc/sys/net and the values to write to them, before interfaces exist. */
  readonly sysctls: Readonly<Record<string, string>>;
  /** Commands for `ip -batch`, run once all hosts exist; IPv6 commands begin with -6, an option of `ip`. */
  readonly commands: readonly string[];
}

/** A node is a gateway and has one; the two must have different addresses. */
const GATEWAYS = {
  to: { v4: '169.254.0.1', v6: 'fe80::1' },
  pod: { v4: '169.254.0.2', v6: 'fe80::2' },
};
/** Routing table of the world that routes the carried ranges to the node under test. */
const CARRIED = 100;

const SYSCTLS = {
  'ipv4/ip_forward': '1',
  'ipv6/conf/all/forwarding': '1',
  // Duplicate address detection would delay a new address by a second, and there are no duplicates here.
  'ipv6/conf/all/accept_dad': '0',
  'ipv6/conf/default/accept_dad': '0',
  // Replies take other paths than requests on purpose.
  'ipv4/conf/all/rp_filter': '0',
  'ipv4/conf/default/rp_filter': '0',
  'ipv4/conf/all/send_redirects': '0',
  'ipv4/conf/default/send_redirects': '0',
  // The kernel would rate-limit ICMP errors, and with them refusals, where a test dials many ports at once.
  'ipv4/icmp_ratelimit': '0',
  'ipv6/icmp/ratelimit': '0',
  // Early demux would hand packets for the node under test to the world's own sockets.
  'ipv4/ip_early_demux': '0',
};

/** `namespaceOf` returns the name of a host's namespace. */
export function planLab(spec: LabSpec, namespaceOf: (host: string) => string): HostPlan[] {
  const hosts = hostsOf(spec);
  const commands = new Map([...hosts.keys()].map(name => [name, ['link set lo up']]));
  const at = (host: string): string[] => commands.get(host) ?? [];

  /** A veth pair, `eth0` in the host and `<prefix>-<host>` in its gateway. */
  const join = (host: string, gateway: string, prefix: keyof typeof GATEWAYS): void => {
    const { v4, v6 } = GATEWAYS[prefix];
    const port = `${prefix}-${host}`;
    const addresses = hosts.get(host) ?? [];
    at(gateway).push(`link add ${port} type veth peer name eth0 netns ${namespaceOf(host)}`);
    // Link scope, so that masquerading never chooses it as a source.
    at(gateway).push(`addr add ${v4}/32 dev ${port} scope link`, `addr add ${v6}/64 dev ${port} nodad`);
    at(gateway).push(`link set ${port} up`);
    const ofGateway = hosts.get(gateway) ?? [];
    for (const address of addresses) {
      const source = ofGateway.find(own => own.includes(':') === address.includes(':'));
      at(gateway).push(route(address, `dev ${port}${source === undefined ? '' : ` src ${source}`}`));
    }
    for (const address of addresses) at(host).push(`addr add ${address}/${bits(address)} dev eth0${nodad(address)}`);
    at(host).push('link set eth0 up');
    const primary4 = addresses.find(address => !address.includes(':'));
    const primary6 = addresses.find(address => address.includes(':'));
    if (primary4 !== undefined) at(host).push(`route add default via ${v4} dev eth0 onlink src ${primary4}`);
    if (primary6 !== undefined) at(host).push(`-6 route add default via ${v6} dev eth0 src ${primary6}`);
  };

  for (const [index, node] of spec.nodes.entries()) {
    join(node.name, WORLD, 'to');
    for (const range of node.podCIDRs) at(WORLD).push(route(range, via(range, node.addresses, node.name)));
    if (index === 0) {
      for (const range of [...spec.carried, ...node.addresses]) {
        at(WORLD).push(route(range, `${via(range, node.addresses, node.name)} table ${CARRIED}`));
      }
    }
    // Addresses of a node's range that no pod has are unreachable, and do not fall through to the default route.
    for (const range of node.podCIDRs) at(node.name).push(route(range, '', 'unreachable'));
    for (const pod of Object.keys(node.pods)) join(pod, node.name, 'pod');
  }
  for (const client of spec.clients) join(client.name, WORLD, 'to');

  // All packets to the carried ranges go to the node under test. What it forwards has left the lab: for those packets
  // the world owns the addresses. So its local table comes after the table for the packets of the others.
  const others = [...spec.nodes.slice(1), ...spec.clients];
  for (const family of ['', '-6 ']) {
    for (const { name } of others) at(WORLD).push(`${family}rule add iif to-${name} lookup ${CARRIED} pref ${CARRIED}`);
    at(WORLD).push(`${family}rule add lookup local pref ${CARRIED + 1}`, `${family}rule del pref 0`);
  }
  for (const range of spec.carried) at(WORLD).push(route(range, 'dev lo table local', 'local'));

  return [...commands].map(([name, list]) => ({
    name,
    sysctls: SYSCTLS,
    commands: list,
  }));
}

function route(range: string, how: string, type = ''): string {
  const target = range.includes('/') ? range : `${range}/${bits(range)}`;
  return `${range.includes(':') ? '-6 ' : ''}route add ${type} ${target} ${how}`.replaceAll(/ {2,}/g, ' ').trim();
}

function via(range: string, addresses: readonly string[], node: string): string {
  const gateway = addresses.find(address => address.includes(':') === range.includes(':'));
  if (gateway === undefined) throw new Error(`${node} has no address of the family of ${range}`);
  return `via ${gateway} dev to-${node} onlink`;
}

function bits(address: string): number {
  return address.includes(':') ? 128 : 32;
}

function nodad(address: string): string {
  return address.includes(':') ? ' nodad' : '';
}
