/**
 * From the description of a lab to what has to be run for it: pure, so that it can be read and tested without rights.
 *
 * Every host hangs on a veth pair of its own and has no network but that, with one gateway on the other end (the way
 * CNI's ptp plugin and Calico do it): no bridge, so that a pod which reaches itself through its node needs no hairpin
 * port, and no range is on-link by accident. Pods hang on their node, nodes and clients on the world.
 *
 * @module
 */
import { hostsOf, type LabSpec, WORLD } from './spec.ts';

export interface HostPlan {
  readonly name: string;
  /** Files below /proc/sys/net and what is written to them, before there are interfaces. */
  readonly sysctls: Readonly<Record<string, string>>;
  /** Commands for `ip -batch`, run when all hosts exist; those of IPv6 begin with -6, which is an option of `ip`. */
  readonly commands: readonly string[];
}

/** A node is a gateway and has one, which must not be the same address. */
const GATEWAYS = {
  to: { v4: '169.254.0.1', v6: 'fe80::1' },
  pod: { v4: '169.254.0.2', v6: 'fe80::2' },
};
/** Table of the world that leads the carried ranges to the node under test. */
const CARRIED = 100;

const SYSCTLS = {
  'ipv4/ip_forward': '1',
  'ipv6/conf/all/forwarding': '1',
  // Without it a fresh address cannot be used for a second, and nothing here can be a duplicate.
  'ipv6/conf/all/accept_dad': '0',
  'ipv6/conf/default/accept_dad': '0',
  // Answers take other ways than questions on purpose.
  'ipv4/conf/all/rp_filter': '0',
  'ipv4/conf/default/rp_filter': '0',
  'ipv4/conf/all/send_redirects': '0',
  'ipv4/conf/default/send_redirects': '0',
  // The kernel would hold back ICMP errors, and refusals with them, where a test sends many at once.
  'ipv4/icmp_ratelimit': '0',
  'ipv6/icmp/ratelimit': '0',
  // It would give the world's own sockets what is still on its way to the node under test.
  'ipv4/ip_early_demux': '0',
};

/** `namespaceOf` gives the name of a host's namespace. */
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
    // Of link scope, so that masquerading never takes it for a source.
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
    // The end of the line for addresses of a node's range that no pod has.
    for (const range of node.podCIDRs) at(node.name).push(route(range, '', 'unreachable'));
    for (const pod of Object.keys(node.pods)) join(pod, node.name, 'pod');
  }
  for (const client of spec.clients) join(client.name, WORLD, 'to');

  // Everybody's packets to the carried ranges go to the node under test. What it passes on has left the lab: there the
  // world has those addresses for its own. So its local table is asked after the one for the others' packets.
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
