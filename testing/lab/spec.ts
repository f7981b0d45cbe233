/**
 * The description of a lab as data: nodes with pods, clients outside, and the ranges that are routed to the node under
 * test.
 *
 * @module
 */
import { load } from 'js-yaml';

export interface NodeSpec {
  readonly name: string;
  /** The first address of each family is the primary one. */
  readonly addresses: readonly string[];
  /** Pods of this node have addresses from these ranges. */
  readonly podCIDRs: readonly string[];
  /** Pod name to addresses. */
  readonly pods: Readonly<Record<string, readonly string[]>>;
}

export interface ClientSpec {
  readonly name: string;
  readonly addresses: readonly string[];
}

export interface LabSpec {
  /** The first is the node under test. */
  readonly nodes: readonly NodeSpec[];
  readonly clients: readonly ClientSpec[];
  /**
   * Ranges that all hosts outside route to the first node: cluster IPs, load-balancer IPs, external IPs. What that node
   * does not capture goes on to the router, which answers for the world, so a test sees that it was left alone.
   */
  readonly carried: readonly string[];
}

/** Stands for everything beyond the lab; also the name of the host that connects the others. */
export const WORLD = 'world';

/** The lab of the conformance tests. */
export const STANDARD_LAB: LabSpec = {
  nodes: [
    {
      name: 'node1',
      // 203.0.113.250: a load balancer's address that is assigned to the node.
      addresses: ['192.0.2.1', '192.0.2.2', '203.0.113.250', 'fd00:c0::1', 'fd00:c0::2'],
      podCIDRs: ['10.180.0.0/24', 'fd00:180::/64'],
      pods: {
        a1: ['10.180.0.11', 'fd00:180::11'],
        a2: ['10.180.0.12', 'fd00:180::12'],
        a3: ['10.180.0.13', 'fd00:180::13'],
      },
    },
    {
      name: 'node2',
      addresses: ['192.0.2.11', 'fd00:c0::11'],
      podCIDRs: ['10.180.1.0/24', 'fd00:180:0:1::/64'],
      pods: {
        b1: ['10.180.1.11', 'fd00:180:0:1::11'],
        b2: ['10.180.1.12', 'fd00:180:0:1::12'],
      },
    },
  ],
  clients: [
    { name: 'client', addresses: ['198.51.100.10', 'fd00:c1::10'] },
    { name: 'client2', addresses: ['198.51.101.10', 'fd00:c2::10'] },
  ],
  carried: ['10.96.0.0/16', 'fd00:96::/112', '203.0.113.0/24', '198.18.0.0/16', 'fd00:113::/64'],
};

/** Every host of a lab and its addresses. */
export function hostsOf(spec: LabSpec): Map<string, readonly string[]> {
  const hosts = new Map<string, readonly string[]>([[WORLD, []]]);
  const add = (name: string, addresses: readonly string[]): void => {
    // Names become parts of interface names, which are limited to 15 characters.
    if (!/^[a-z][a-z0-9]{0,9}$/.test(name)) throw new Error(`a host's name is a-z0-9, at most 10 long, not ${name}`);
    if (hosts.has(name)) throw new Error(`two hosts have the name ${name}`);
    hosts.set(name, addresses);
  };
  for (const node of spec.nodes) {
    add(node.name, node.addresses);
    for (const [pod, addresses] of Object.entries(node.pods)) add(pod, addresses);
  }
  for (const client of spec.clients) add(client.name, client.addresses);
  return hosts;
}

/** @throws if the text does not describe a lab */
export function parseLabSpec(text: string): LabSpec {
  const root = mapping(load(text), 'the document');
  const spec: LabSpec = {
    nodes: list(root.nodes, 'nodes').map((item, index) => {
      const node = mapping(item, `nodes[${index}]`);
      const pods = Object.entries(mapping(node.pods ?? {}, `nodes[${index}].pods`));
      return {
        name: word(node.name, `nodes[${index}].name`),
        addresses: words(node.addresses, `nodes[${index}].addresses`),
        podCIDRs: words(node.podCIDRs, `nodes[${index}].podCIDRs`),
        pods: Object.fromEntries(pods.map(([name, addresses]) => [name, words(addresses, `pods.${name}`)])),
      };
    }),
    clients: list(root.clients, 'clients').map((item, index) => {
      const client = mapping(item, `clients[${index}]`);
      return {
        name: word(client.name, `clients[${index}].name`),
        addresses: words(client.addresses, `clients[${index}].addresses`),
      };
    }),
    carried: words(root.carried, 'carried'),
  };
  if (spec.nodes.length === 0) throw new Error('a lab needs a node');
  hostsOf(spec);
  return spec;
}

function mapping(value: unknown, where: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`${where} is not a mapping`);
  return Object.fromEntries(Object.entries(value));
}

function list(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error(`${where} is not a list`);
  return value;
}

function words(value: unknown, where: string): readonly string[] {
  return list(value, where).map((item, index) => word(item, `${where}[${index}]`));
}

function word(value: unknown, where: string): string {
  if (typeof value !== 'string' || value === '') throw new Error(`${where} is not a string`);
  return value;
}
