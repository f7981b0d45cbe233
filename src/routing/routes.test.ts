import { describe, expect, test } from 'vitest';
import { pod, sets, slice } from '../../test/support/objects.ts';
import { stateReason } from '../explain/words/index.ts';
import { World } from '../world/index.ts';
import type { Delivery, NodeContext, ProxiedRoute, Route } from './index.ts';
import { RouteTable } from './index.ts';

function routesOf(yaml: string, node: NodeContext = {}): Route[] {
  const world = new World();
  const table = new RouteTable(world.store, node);
  table.update(world.apply(sets(yaml)));
  return [...table.routes()];
}

function routeOf(yaml: string, node: NodeContext = {}): ProxiedRoute {
  const [route] = routesOf(yaml, node);
  if (route?.kind !== 'proxied') throw new Error(`not a proxied route: ${JSON.stringify(route)}`);
  return route;
}

function to(delivery: Delivery): string {
  return delivery.kind === 'endpoints' ? delivery.endpoints.map(e => e.address).join(' ') : delivery.kind;
}

function service(spec: string, name = 'web', meta = ''): string {
  return `
apiVersion: v1
kind: Service
metadata: { name: ${name}${meta} }
spec: { ports: [{ name: http, port: 80 }], ${spec} }
---
`;
}

const A = '{ addresses: [10.0.0.1], nodeName: n1, conditions: { ready: true } }';
const B = '{ addresses: [10.0.0.2], nodeName: n2, conditions: { ready: true } }';
const HERE: NodeContext = { name: 'n1', zone: 'z1' };

describe('the endpoints of each kind of traffic', () => {
  const dying = (ip: string, node: string) =>
    `{ addresses: [${ip}], nodeName: ${node}, conditions: { ready: false, serving: true, terminating: true } }`;
  const dead =
    '{ addresses: [10.0.0.9], nodeName: n1, conditions: { ready: false, serving: false, terminating: true } }';
  const hinted = (ip: string, zone: string) =>
    `{ addresses: [${ip}], conditions: { ready: true }, hints: { forZones: [{ name: ${zone} }] } }`;
  const cases: [name: string, spec: string, endpoints: string, internal: string, external: string, short: string][] = [
    [
      'policy Cluster: all ready endpoints',
      'type: NodePort',
      `[${A}, ${B}]`,
      '10.0.0.1 10.0.0.2',
      '10.0.0.1 10.0.0.2',
      '10.0.0.1 10.0.0.2',
    ],
    ['no endpoint: rejected', 'type: NodePort', '[]', 'reject', 'reject', 'reject'],
    [
      'none ready: terminating endpoints that serve',
      'type: NodePort',
      `[${dying('10.0.0.3', 'n2')}]`,
      '10.0.0.3',
      '10.0.0.3',
      '10.0.0.3',
    ],
    ['neither ready nor serving: rejected', 'type: NodePort', `[${dead}]`, 'reject', 'reject', 'reject'],
    [
      'one ready: terminating endpoints get no traffic',
      'type: NodePort',
      `[${A}, ${dying('10.0.0.3', 'n1')}]`,
      '10.0.0.1',
      '10.0.0.1',
      '10.0.0.1',
    ],
    [
      'internal policy Local',
      'internalTrafficPolicy: Local',
      `[${A}, ${B}]`,
      '10.0.0.1',
      '10.0.0.1 10.0.0.2',
      '10.0.0.1 10.0.0.2',
    ],
    [
      'internal policy Local, no local endpoint: dropped',
      'internalTrafficPolicy: Local',
      `[${B}]`,
      'drop',
      '10.0.0.2',
      '10.0.0.2',
    ],
    [
      'external policy Local',
      'type: NodePort, externalTrafficPolicy: Local',
      `[${A}, ${B}]`,
      '10.0.0.1 10.0.0.2',
      '10.0.0.1',
      '10.0.0.1 10.0.0.2',
    ],
    [
      'external policy Local, no local endpoint: dropped from outside, reachable from the node',
      'type: NodePort, externalTrafficPolicy: Local',
      `[${B}]`,
      '10.0.0.2',
      'drop',
      '10.0.0.2',
    ],
    [
      'external policy Local, only a terminating local endpoint',
      'type: NodePort, externalTrafficPolicy: Local',
      `[${B}, ${dying('10.0.0.3', 'n1')}]`,
      '10.0.0.2',
      '10.0.0.3',
      '10.0.0.2',
    ],
    [
      'policies Local and no endpoint anywhere: rejected',
      'type: NodePort, externalTrafficPolicy: Local',
      '[]',
      'reject',
      'reject',
      'reject',
    ],
    [
      'zone hints for this zone',
      'type: NodePort',
      `[${hinted('10.0.0.1', 'z1')}, ${hinted('10.0.0.2', 'z2')}]`,
      '10.0.0.1',
      '10.0.0.1',
      '10.0.0.1',
    ],
    [
      'zone hints, none for this zone: all',
      'type: NodePort',
      `[${hinted('10.0.0.1', 'z3')}, ${hinted('10.0.0.2', 'z2')}]`,
      '10.0.0.1 10.0.0.2',
      '10.0.0.1 10.0.0.2',
      '10.0.0.1 10.0.0.2',
    ],
    [
      'one endpoint without a hint: hints are off',
      'type: NodePort',
      `[${hinted('10.0.0.1', 'z1')}, ${B}]`,
      '10.0.0.1 10.0.0.2',
      '10.0.0.1 10.0.0.2',
      '10.0.0.1 10.0.0.2',
    ],
    [
      'missing conditions mean ready',
      'type: NodePort',
      '[{ addresses: [10.0.0.7] }]',
      '10.0.0.7',
      '10.0.0.7',
      '10.0.0.7',
    ],
  ];
  test.each(cases)('%s', (_name, spec, endpoints, internal, external, short) => {
    const route = routeOf(service(spec) + slice('web', endpoints), HERE);
    expect([to(route.internal), to(route.external), to(route.externalFromLocal)]).toEqual([internal, external, short]);
  });
});

describe('Service port and slice port', () => {
  test('match by name and protocol, never by number', () => {
    const other = slice('web', `[${A}]`, '[{ name: web, port: 80 }]');
    const route = routeOf(service('type: ClusterIP') + other);
    expect(to(route.internal)).toBe('reject');
    expect(stateReason(route)).toContain('a port called "http"');
  });
  test('a slice port without a number is ignored', () => {
    expect(to(routeOf(service('type: ClusterIP') + slice('web', `[${A}]`, '[{ name: http }]')).internal)).toBe(
      'reject',
    );
  });
  test('one address in two slices counts once, and its better state wins', () => {
    const bad = slice('web', '[{ addresses: [10.0.0.1], conditions: { ready: false } }]', undefined, 'old');
    const route = routeOf(service('type: ClusterIP') + slice('web', `[${A}]`) + bad);
    expect(route.endpoints).toHaveLength(1);
    expect(to(route.internal)).toBe('10.0.0.1');
  });
});

describe('kinds of Service', () => {
  const kinds: [name: string, yaml: string, kind: string][] = [
    ['headless', service('clusterIP: None, selector: { app: web }'), 'headless'],
    ['ExternalName', service('type: ExternalName, externalName: example.com'), 'externalName'],
    [
      'assigned to another proxy by label',
      service('type: ClusterIP', 'web', ', labels: { service.kubernetes.io/service-proxy-name: x }'),
      'otherProxy',
    ],
  ];
  test.each(kinds)('%s', (_name, yaml, kind) => {
    expect(routesOf(yaml).map(route => route.kind)).toEqual([kind]);
  });

  test('a headless Service lists its pods on the target port', () => {
    const [route] = routesOf(service('clusterIP: None, selector: { app: web }') + pod({ name: 'a', ip: '10.0.0.1' }));
    expect(route?.endpoints).toMatchObject([{ address: '10.0.0.1', port: 80, ready: true }]);
  });

  test('an empty selector selects nothing', () => {
    expect(routeOf(service('selector: {}') + pod({ name: 'a', ip: '10.0.0.1' })).endpoints).toEqual([]);
  });

  test('a type change removes the old frontends', () => {
    const world = new World();
    const table = new RouteTable(world.store);
    table.update(world.apply(sets(service('type: NodePort'))));
    const changes = table.update(world.apply(sets(service('clusterIP: None, selector: { app: web }'))));
    expect(changes.map(change => [change.type, change.route.kind])).toEqual([['set', 'headless']]);
  });
});

describe('frontends', () => {
  test('cluster IP, external IP, load-balancer IP and node port', () => {
    const route = routeOf(`
apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  type: LoadBalancer
  clusterIP: 10.96.0.10
  clusterIPs: [10.96.0.10]
  externalIPs: [192.0.2.7]
  loadBalancerSourceRanges: [" 203.0.113.0/24 "]
  ports: [{ name: http, port: 80, nodePort: 30080 }]
status: { loadBalancer: { ingress: [{ ip: 192.0.2.1 }, { ip: 192.0.2.2, ipMode: Proxy }, { hostname: lb.example.com }] } }
`);
    expect(route.frontends).toEqual([
      { kind: 'clusterIP', address: '10.96.0.10', port: 80 },
      { kind: 'externalIP', address: '192.0.2.7', port: 80 },
      { kind: 'loadBalancer', address: '192.0.2.1', port: 80 },
      { kind: 'nodePort', port: 30080 },
    ]);
    expect(route.uncaptured).toHaveLength(2);
    expect(route.sourceRanges).toEqual([{ family: 'IPv4', network: '203.0.113.0', prefix: 24 }]);
  });

  test('the oldest of two Services gets a contested node port in any order, and the other when the first is deleted', () => {
    const since = (name: string, year: number) =>
      service('type: NodePort', name, `, creationTimestamp: "${year}-01-01T00:00:00Z"`).replace(
        'port: 80',
        'port: 80, nodePort: 30080',
      );
    const [older, newer] = [since('zz', 2024), since('aa', 2025)];
    for (const order of [older + newer, newer + older]) {
      const world = new World();
      const table = new RouteTable(world.store);
      table.update(world.apply(sets(order)));
      const ports = (name: string) =>
        table
          .routesOf(`default/${name}`)
          .flatMap(r => (r.kind === 'proxied' ? r.frontends.filter(f => f.kind === 'nodePort') : []));
      expect([ports('zz').length, ports('aa').length]).toEqual([1, 0]);
      const [loser] = table.routesOf('default/aa');
      expect(loser && stateReason(loser)).toContain('nodePort 30080 is held by default/zz');
      const gone = { type: 'delete', kind: 'Service', namespace: 'default', name: 'zz' } as const;
      const changes = table.update(world.apply([gone]));
      expect(changes.map(c => [c.type, c.route.name])).toEqual([
        ['delete', 'zz'],
        ['set', 'aa'],
      ]);
      expect(ports('aa')).toHaveLength(1);
    }
  });
});

test('slices of a control plane are used unchanged', () => {
  const managed = slice('web', `[${B}]`).replace(
    'labels: {',
    'labels: { endpointslice.kubernetes.io/managed-by: endpointslice-controller.k8s.io,',
  );
  const route = routeOf(service('selector: { app: web }') + pod({ name: 'a', ip: '10.0.0.1' }) + managed);
  expect(to(route.internal)).toBe('10.0.0.2');
});

test('manual Endpoints are mirrored for a Service without a selector, and ignored for one with a selector', () => {
  const endpoints = `
apiVersion: v1
kind: Endpoints
metadata: { name: web }
subsets: [{ addresses: [{ ip: 10.1.0.1 }], notReadyAddresses: [{ ip: 10.1.0.2 }], ports: [{ name: http, port: 8080 }] }]
---
`;
  const route = routeOf(service('type: ClusterIP') + endpoints);
  expect(to(route.internal)).toBe('10.1.0.1');
  expect(route.endpoints).toHaveLength(2);
  expect(to(routeOf(service('selector: { app: web }') + endpoints).internal)).toBe('reject');
});
