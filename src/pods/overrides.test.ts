import { describe, expect, test } from 'vitest';
import { pod, sets } from '../../test/support/objects.ts';
import type { ObjectEvent } from '../kube/index.ts';
import { RouteTable } from '../routing/index.ts';
import { World } from '../world/index.ts';
import { WorkloadPods } from './expand.ts';
import { Overrides, parseEndpointOverride, parsePodOverride } from './overrides.ts';

describe('--pod', () => {
  test.each<[text: string, expected: object]>([
    ['shop/web-0=127.0.0.1:3000', { pod: 'shop/web-0', address: '127.0.0.1', port: 3000 }],
    ['web-0=127.0.0.1:3000', { pod: 'default/web-0', address: '127.0.0.1', port: 3000 }],
    ['pod/web-0=127.0.0.1:3000', { pod: 'default/web-0', address: '127.0.0.1', port: 3000 }],
    ['pod/shop/web-0=127.0.0.1', { pod: 'shop/web-0', address: '127.0.0.1' }],
    ['web-0=localhost:3000', { pod: 'default/web-0', address: '127.0.0.1', port: 3000 }],
    ['web-0=[::1]:80', { pod: 'default/web-0', address: '::1', port: 80 }],
    ['web-0=[::1]', { pod: 'default/web-0', address: '::1' }],
    ['web-0=fd00::0:1', { pod: 'default/web-0', address: 'fd00::1' }],
    ['web-0=192.168.1.7:65535', { pod: 'default/web-0', address: '192.168.1.7', port: 65535 }],
  ])('%s', (text, expected) => {
    expect(parsePodOverride(text, 'default')).toEqual(expected);
  });

  test.each([
    '',
    'web-0',
    'web-0=',
    '=127.0.0.1:80',
    'web-0=:80',
    'web-0=3000',
    'web-0=127.0.0.1:0',
    'web-0=127.0.0.1:65536',
    'web-0=127.0.0.1:http',
    'web-0=127.0.0.1:80:90',
    'web-0=300.0.0.1:80',
    'web-0=example.org:80',
    'web-0=[::1:80',
    'web-0=[127.0.0.1:80',
    'a/b/c=127.0.0.1:80',
  ])('"%s" cannot be understood, and the error shows how to write it', text => {
    const parse = () => parsePodOverride(text, 'default');
    expect(parse).toThrow(/--pod .*: write it as NAMESPACE\/POD=ADDRESS:PORT, for example/);
    expect(parse).toThrow(expect.objectContaining({ code: 'SWB_USAGE' }));
  });
});

describe('--endpoint', () => {
  test.each<[text: string, expected: object]>([
    ['svc/web:http=localhost:3000', { service: 'default/web', port: 'http', address: '127.0.0.1', targetPort: 3000 }],
    ['service/web:80=127.0.0.1:3000', { service: 'default/web', port: '80', address: '127.0.0.1', targetPort: 3000 }],
    ['web=127.0.0.1:3000', { service: 'default/web', address: '127.0.0.1', targetPort: 3000 }],
    ['shop/web:80=[::1]:3000', { service: 'shop/web', port: '80', address: '::1', targetPort: 3000 }],
    ['svc/shop/web=127.0.0.1:1', { service: 'shop/web', address: '127.0.0.1', targetPort: 1 }],
  ])('%s', (text, expected) => {
    expect(parseEndpointOverride(text, 'default')).toEqual(expected);
  });

  test.each([
    '',
    'web',
    'web=127.0.0.1',
    'web=:1',
    'web:=127.0.0.1:1',
    'web=::1',
    'web=127.0.0.1:99999',
    ':80=1.1.1.1:1',
  ])('"%s" cannot be understood, and the error shows how to write it', text => {
    const parse = () => parseEndpointOverride(text, 'default');
    expect(parse).toThrow(/--endpoint .*: write it as svc\/NAME:PORT=ADDRESS:PORT, for example/);
    expect(parse).toThrow(expect.objectContaining({ code: 'SWB_USAGE' }));
  });
});

function service(ports: string, name = 'web'): string {
  return `apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: { selector: { app: web }, ports: ${ports} }
---
`;
}

/** `port -> endpoints` of each route, after all events. */
function routed(overrides: Overrides, ...batches: (readonly ObjectEvent[])[]): Record<string, string[]> {
  const world = new World();
  const table = new RouteTable(world.store);
  const workloads = new WorkloadPods();
  for (const events of batches) table.update(world.apply(overrides.apply(workloads.apply(events))));
  return Object.fromEntries(
    [...table.routes()].map(route => [
      `${route.name}:${route.portName}`,
      route.endpoints.filter(e => e.ready).map(e => `${e.address}:${e.port}`),
    ]),
  );
}

function overridesOf(pods: readonly string[], endpoints: readonly string[] = []): Overrides {
  return new Overrides(
    pods.map(text => parsePodOverride(text, 'default')),
    endpoints.map(text => parseEndpointOverride(text, 'default')),
  );
}

const HTTP = '[{ name: http, port: 80, targetPort: 8080 }]';
const BOTH = '[{ name: http, port: 80, targetPort: 8080 }, { name: admin, port: 90, targetPort: 9090 }]';
const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template: { metadata: { labels: { app: web } }, spec: { containers: [{ name: web, image: none }] } }
---
`;

describe('a pod with an override', () => {
  test.each<[what: string, flag: string, expected: string[]]>([
    ['with a port leads there from every port', 'web-0=127.0.0.1:3000', ['127.0.0.1:3000']],
    ['without a port keeps its own', 'web-0=127.0.0.1', ['127.0.0.1:8080']],
    ['with another name does not match', 'web-1=127.0.0.1:3000', []],
  ])('%s', (_what, flag, expected) => {
    const events = sets(service(HTTP) + pod({ name: 'web-0', phase: 'Pending', ready: false }));
    expect(routed(overridesOf([flag]), events)).toEqual({ 'web:http': expected });
  });

  test('matches by Deployment and number', () => {
    const overrides = overridesOf(['web-1=127.0.0.1:3000']);
    expect(routed(overrides, sets(service(HTTP) + DEPLOYMENT))).toEqual({ 'web:http': ['127.0.0.1:3000'] });
    const pods = new WorkloadPods().apply(sets(DEPLOYMENT)).flatMap(e => (e.type === 'set' ? e.object : []));
    expect(pods.map(object => object.kind === 'Pod' && overrides.covers(object))).toEqual([false, false, true]);
  });
});

describe('an endpoint override', () => {
  const web = pod({ name: 'web-0', ip: '10.0.0.1' });
  test.each<[what: string, flags: string[], ports: string, expected: Record<string, string[]>]>([
    ['is the only one of the port', ['svc/web:http=127.0.0.1:3000'], HTTP, { 'web:http': ['127.0.0.1:3000'] }],
    ['may name the port by number', ['web:80=127.0.0.1:3000'], HTTP, { 'web:http': ['127.0.0.1:3000'] }],
    ['needs no port where there is one', ['web=127.0.0.1:3000'], HTTP, { 'web:http': ['127.0.0.1:3000'] }],
    [
      'leaves the other ports to the pods',
      ['web:http=127.0.0.1:3000'],
      BOTH,
      { 'web:http': ['127.0.0.1:3000'], 'web:admin': ['10.0.0.1:9090'] },
    ],
    [
      'must name the port where there are several',
      ['web=127.0.0.1:3000'],
      BOTH,
      { 'web:http': ['10.0.0.1:8080'], 'web:admin': ['10.0.0.1:9090'] },
    ],
    [
      'may be given more than once',
      ['web=127.0.0.1:3000', 'web=127.0.0.1:3001'],
      HTTP,
      { 'web:http': ['127.0.0.1:3000', '127.0.0.1:3001'] },
    ],
  ])('%s', (_what, flags, ports, expected) => {
    expect(routed(overridesOf([], flags), sets(service(ports) + web))).toEqual(expected);
  });

  test('is removed when an edit removes the port of the flag', () => {
    const routes = routed(overridesOf([], ['web=127.0.0.1:3000']), sets(service(HTTP) + web), sets(service(BOTH)));
    expect(routes).toEqual({ 'web:http': ['10.0.0.1:8080'], 'web:admin': ['10.0.0.1:9090'] });
  });

  test('is removed and added with its Service', () => {
    const overrides = overridesOf([], ['web=127.0.0.1:3000']);
    const gone: ObjectEvent = { type: 'delete', kind: 'Service', namespace: 'default', name: 'web' };
    expect(overrides.apply(sets(service(HTTP)))).toHaveLength(2);
    expect(overrides.apply([gone])).toContainEqual(expect.objectContaining({ type: 'delete', kind: 'EndpointSlice' }));
    expect(routed(overrides, sets(service(HTTP)), [gone], sets(service(HTTP)))).toEqual({
      'web:http': ['127.0.0.1:3000'],
    });
  });
});

test('reports overrides that match nothing, as the user wrote them', () => {
  const overrides = overridesOf(
    ['web-0=127.0.0.1:1', 'wbe-0=127.0.0.1:1'],
    ['web:http=127.0.0.1:1', 'web:htp=127.0.0.1:1', 'db=127.0.0.1:1'],
  );
  overrides.apply(sets(service(HTTP) + pod({ name: 'web-0' })));
  expect(overrides.unused()).toEqual([
    '--pod default/wbe-0',
    '--endpoint svc/default/web:htp',
    '--endpoint svc/default/db',
  ]);
});
