import { describe, expect, test } from 'vitest';
import { sets, slice } from '../../test/support/objects.ts';
import { parseCidr } from '../net/index.ts';
import { World } from '../world/index.ts';
import { PacketTracer, RouteTable, type TracedNode, type TraceResult } from './index.ts';

const POD_HERE = '10.1.0.1';
const POD_THERE = '10.2.0.1';
const OUTSIDE = '198.51.100.9';
const NODE_IP = '192.0.2.1';
const CLUSTER_IP = '10.96.0.10';
const LB_IP = '203.0.113.1';
const EXTERNAL_IP = '203.0.113.2';

function cidrs(...texts: string[]) {
  return texts.flatMap(text => parseCidr(text) ?? []);
}

const NODE: TracedNode = {
  addresses: [NODE_IP, '192.0.2.2'],
  nodePortAddresses: [],
  clusterCidrs: cidrs('10.1.0.0/16', '10.2.0.0/16'),
  masqueradeAll: false,
  serviceCidrs: cidrs('10.96.0.0/12'),
};

const BOTH = `[{ addresses: [${POD_HERE}], nodeName: n1 }, { addresses: [${POD_THERE}], nodeName: n2 }]`;
const THERE = `[{ addresses: [${POD_THERE}], nodeName: n2 }]`;
const HERE = `[{ addresses: [${POD_HERE}], nodeName: n1 }]`;

function world(spec: string, endpoints: string): string {
  return `
apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  type: LoadBalancer
  clusterIP: ${CLUSTER_IP}
  clusterIPs: [${CLUSTER_IP}]
  externalIPs: [${EXTERNAL_IP}]
  ports: [{ name: http, port: 80, nodePort: 30080 }]
${spec === '' ? '' : `  ${spec}`}
status: { loadBalancer: { ingress: [{ ip: ${LB_IP} }] } }
---
${slice('web', endpoints)}`;
}

function dial(yaml: string, from: string, to: string, node: Partial<TracedNode> = {}): TraceResult {
  const world = new World();
  const table = new RouteTable(world.store, { name: 'n1' });
  table.update(world.apply(sets(yaml)));
  const [address = '', port] = to.split(':');
  return new PacketTracer(table.routes(), { ...NODE, ...node }).trace({
    from,
    to: address,
    port: Number(port),
    protocol: 'TCP',
  });
}

const LOCAL = 'externalTrafficPolicy: Local';
const RANGES = 'loadBalancerSourceRanges: [198.51.100.0/24]';
const both = `${POD_HERE}:8080 ${POD_THERE}:8080`;
const none = '';

describe('a packet', () => {
  const cases: [
    name: string,
    spec: string,
    endpoints: string,
    from: string,
    to: string,
    outcome: string,
    reached: string,
    masquerade: boolean | 'hairpin',
  ][] = [
    ['a pod dials the cluster IP', '', BOTH, '10.1.0.7', `${CLUSTER_IP}:80`, 'endpoints', both, false],
    [
      'a source outside the cluster dials the cluster IP: masqueraded',
      '',
      BOTH,
      OUTSIDE,
      `${CLUSTER_IP}:80`,
      'endpoints',
      both,
      true,
    ],
    [
      'the node itself dials the cluster IP: masqueraded',
      '',
      BOTH,
      NODE_IP,
      `${CLUSTER_IP}:80`,
      'endpoints',
      both,
      true,
    ],
    ['a pod that may reach itself, among others', '', BOTH, POD_HERE, `${CLUSTER_IP}:80`, 'endpoints', both, 'hairpin'],
    ['a pod that can only reach itself', '', HERE, POD_HERE, `${CLUSTER_IP}:80`, 'endpoints', `${POD_HERE}:8080`, true],
    ['a node port from outside', '', BOTH, OUTSIDE, `${NODE_IP}:30080`, 'endpoints', both, true],
    ['a node port on an address that is not the primary', '', BOTH, OUTSIDE, '192.0.2.2:30080', 'none', none, false],
    ['a node port on loopback', '', BOTH, OUTSIDE, '127.0.0.1:30080', 'none', none, false],
    ['an external IP from outside', '', BOTH, OUTSIDE, `${EXTERNAL_IP}:80`, 'endpoints', both, true],
    ['a load-balancer IP from a pod', '', BOTH, '10.1.0.7', `${LB_IP}:80`, 'endpoints', both, true],
    [
      'policy Local from outside keeps the source',
      LOCAL,
      BOTH,
      OUTSIDE,
      `${NODE_IP}:30080`,
      'endpoints',
      `${POD_HERE}:8080`,
      false,
    ],
    ['policy Local, no local endpoint: dropped', LOCAL, THERE, OUTSIDE, `${LB_IP}:80`, 'drop', none, false],
    [
      'policy Local, no local endpoint, from a pod: short circuit',
      LOCAL,
      THERE,
      '10.1.0.7',
      `${LB_IP}:80`,
      'endpoints',
      `${POD_THERE}:8080`,
      false,
    ],
    [
      'policy Local, no local endpoint, from the node: short circuit, masqueraded',
      LOCAL,
      THERE,
      NODE_IP,
      `${LB_IP}:80`,
      'endpoints',
      `${POD_THERE}:8080`,
      true,
    ],
    [
      'policy Local does not apply to the cluster IP',
      LOCAL,
      THERE,
      '10.1.0.7',
      `${CLUSTER_IP}:80`,
      'endpoints',
      `${POD_THERE}:8080`,
      false,
    ],
    ['no endpoint: rejected, on the cluster IP', '', '[]', OUTSIDE, `${CLUSTER_IP}:80`, 'reject', none, false],
    ['no endpoint: rejected, on the node port', LOCAL, '[]', OUTSIDE, `${NODE_IP}:30080`, 'reject', none, false],
    ['a source inside the ranges', RANGES, BOTH, OUTSIDE, `${LB_IP}:80`, 'endpoints', both, true],
    ['a source outside the ranges', RANGES, BOTH, '192.0.2.99', `${LB_IP}:80`, 'drop', none, false],
    ['a pod outside the ranges', RANGES, BOTH, '10.1.0.7', `${LB_IP}:80`, 'drop', none, false],
    ['ranges come before "no endpoint"', RANGES, '[]', '192.0.2.99', `${LB_IP}:80`, 'drop', none, false],
    ['ranges do not apply to node ports', RANGES, BOTH, '192.0.2.99', `${NODE_IP}:30080`, 'endpoints', both, true],
    ['ranges do not apply to external IPs', RANGES, BOTH, '192.0.2.99', `${EXTERNAL_IP}:80`, 'endpoints', both, true],
    [
      'the load balancer’s own address, if a range contains the node',
      'loadBalancerSourceRanges: [192.0.2.0/24]',
      BOTH,
      LB_IP,
      `${LB_IP}:80`,
      'endpoints',
      both,
      true,
    ],
    [
      'the load balancer’s own address, if no range contains the node',
      RANGES,
      BOTH,
      LB_IP,
      `${LB_IP}:80`,
      'drop',
      none,
      false,
    ],
    ['another port of a known cluster IP', '', BOTH, OUTSIDE, `${CLUSTER_IP}:81`, 'reject', none, false],
    ['a free address of the service range', '', BOTH, OUTSIDE, '10.96.0.99:80', 'drop', none, false],
    ['another port of a load-balancer IP is not a frontend', '', BOTH, OUTSIDE, `${LB_IP}:81`, 'none', none, false],
    [
      'internal policy Local from a pod',
      'internalTrafficPolicy: Local',
      BOTH,
      '10.1.0.7',
      `${CLUSTER_IP}:80`,
      'endpoints',
      `${POD_HERE}:8080`,
      false,
    ],
    [
      'internal policy Local, no local endpoint',
      'internalTrafficPolicy: Local',
      THERE,
      '10.1.0.7',
      `${CLUSTER_IP}:80`,
      'drop',
      none,
      false,
    ],
  ];
  test.each(cases)('%s', (_name, spec, endpoints, from, to, outcome, reached, masquerade) => {
    const result = dial(world(spec, endpoints), from, to);
    expect([result.outcome, result.endpoints.join(' '), result.masquerade]).toEqual([outcome, reached, masquerade]);
  });
});

describe('options of the node', () => {
  test('masquerade-all', () => {
    const yaml = world('', BOTH);
    expect(dial(yaml, '10.1.0.7', `${CLUSTER_IP}:80`, { masqueradeAll: true }).masquerade).toBe(true);
  });
  test('without pod ranges, the cluster IP is not masqueraded, and pods have no short circuit', () => {
    expect(dial(world('', BOTH), OUTSIDE, `${CLUSTER_IP}:80`, { clusterCidrs: [] }).masquerade).toBe(false);
    expect(dial(world(LOCAL, THERE), '10.1.0.7', `${LB_IP}:80`, { clusterCidrs: [] }).outcome).toBe('drop');
  });
  test('node ports on the addresses that the option selects', () => {
    const second = { nodePortAddresses: cidrs('192.0.2.2/32') };
    expect(dial(world('', BOTH), OUTSIDE, '192.0.2.2:30080', second).outcome).toBe('endpoints');
    expect(dial(world('', BOTH), OUTSIDE, `${NODE_IP}:30080`, second).outcome).toBe('none');
    const otherFamily = { nodePortAddresses: cidrs('fd00::/8') };
    expect(dial(world('', BOTH), OUTSIDE, '192.0.2.2:30080', otherFamily).outcome).toBe('endpoints');
  });
});
