import { describe, expect, test } from 'vitest';
import { pod, sets } from '../../../../test/support/objects.ts';
import type { Listener } from '../../../planes/index.ts';
import { type Route, RouteTable } from '../../../routing/index.ts';
import { World } from '../../../world/index.ts';
import { changeData, changeLines } from './changes.ts';

function routeOf(yaml: string): Route {
  const world = new World();
  const table = new RouteTable(world.store);
  table.update(world.apply(sets(yaml)));
  const route = [...table.routes()][0];
  if (route === undefined) throw new Error('no route');
  return route;
}

function service(port = 80, target = 'targetPort: 8080', more = ''): string {
  return `apiVersion: v1
kind: Service
metadata: { name: web, namespace: default }
spec: { selector: { app: web }, ports: [{ name: http, port: ${port}, ${target} }]${more} }
---
`;
}

const one = (ready = true, terminating = false) => pod({ name: 'web-1', ip: '10.0.0.1', ready, terminating });
const two = (ready = true) => pod({ name: 'web-2', ip: '10.0.0.2', ready });

function listeners(route: Route, more: Partial<Listener> = {}): Listener[] {
  const frontend = { kind: 'clusterIP', address: undefined, port: route.port } as const;
  return [{ route: route.key, frontend, address: '127.1.2.3', port: route.port, protocol: 'TCP', ...more }];
}

function lines(before: string | undefined, after: string): string[] {
  const route = routeOf(after);
  const previous = before === undefined ? {} : { previous: routeOf(before) };
  return changeLines({ type: 'set', route, ...previous }, listeners(route));
}

describe('a change as lines', () => {
  test.each<[what: string, before: string | undefined, after: string, expected: string[]]>([
    ['a new route', undefined, service() + one(), ['+ default/web:http  127.1.2.3:80  80 (http) -> 8080  Ready 1/1']],
    [
      'a new route without endpoints, with the reason',
      undefined,
      service(),
      ['+ default/web:http  127.1.2.3:80  80 (http) -> 8080  NoEndpoints 0/0: no pod has app=web'],
    ],
    [
      'an added pod',
      service() + one(),
      service() + one() + two(),
      ['~ default/web:http  endpoint ready: web-2 (10.0.0.2:8080)'],
    ],
    [
      'a removed pod',
      service() + one() + two(),
      service() + one(),
      ['~ default/web:http  endpoint gone: web-2 (10.0.0.2:8080)'],
    ],
    [
      'a pod that becomes unready',
      service() + one() + two(),
      service() + one() + two(false),
      [
        '~ default/web:http  endpoint not ready: web-2 (10.0.0.2:8080)',
        '~ default/web:http  Partial 1/2: web-2: not ready',
      ],
    ],
    [
      'a pod that becomes ready again',
      service() + one() + two(false),
      service() + one() + two(),
      ['~ default/web:http  endpoint ready: web-2 (10.0.0.2:8080)', '~ default/web:http  Ready 2/2'],
    ],
    [
      'a terminating pod',
      service() + one() + two(),
      service() + one(true, true) + two(),
      [
        '~ default/web:http  endpoint terminating: web-1 (10.0.0.1:8080)',
        '~ default/web:http  Partial 1/2: web-1: terminating',
      ],
    ],
    [
      'the last pod removed',
      service() + one(),
      service(),
      [
        '~ default/web:http  endpoint gone: web-1 (10.0.0.1:8080)',
        '~ default/web:http  NoEndpoints 0/0: no pod has app=web',
      ],
    ],
    [
      'a changed port',
      service(80) + one(),
      service(81) + one(),
      ['~ default/web:http  port 80 is now 127.1.2.3:81  81 (http) -> 8080'],
    ],
    [
      'a changed targetPort',
      service() + one(),
      service(80, 'targetPort: 9090') + one(),
      [
        '~ default/web:http  endpoint ready: web-1 (10.0.0.1:9090)',
        '~ default/web:http  endpoint gone: web-1 (10.0.0.1:8080)',
        '~ default/web:http  targetPort 8080 is now 9090: 80 (http) -> 9090',
      ],
    ],
    [
      'any other setting',
      service() + one(),
      service(80, 'targetPort: 8080', ', sessionAffinity: ClientIP') + one(),
      ['~ default/web:http  changed: 127.1.2.3:80  Ready 1/1'],
    ],
  ])('%s', (_what, before, after, expected) => {
    expect(lines(before, after)).toEqual(expected);
  });

  test('a removed route', () => {
    expect(changeLines({ type: 'delete', route: routeOf(service()) }, [])).toEqual([
      '- default/web:http  route removed',
    ]);
  });

  test('a route whose listener failed has no address', () => {
    const route = routeOf(service() + one());
    expect(changeLines({ type: 'set', route }, listeners(route, { failed: 'the port is busy' }))).toEqual([
      '+ default/web:http  80 (http) -> 8080  NotListening 1/1: the port is busy',
    ]);
  });

  test('a route whose listener could be opened after all has an address', () => {
    const route = routeOf(service() + one());
    expect(changeLines({ type: 'set', route, previous: route }, listeners(route))).toEqual([
      '~ default/web:http  listens on 127.1.2.3:80  Ready 1/1',
    ]);
  });

  test('an ExternalName Service has no counts', () => {
    const route = routeOf(
      'apiVersion: v1\nkind: Service\nmetadata: { name: db }\nspec: { type: ExternalName, externalName: db.example.org }\n',
    );
    expect(changeLines({ type: 'set', route }, [])).toEqual([
      '+ default/db  -  ExternalName: DNS alias of db.example.org; ports have no effect',
    ]);
  });
});

describe('a change as data', () => {
  const route = routeOf(service() + one());
  test('a new route', () => {
    expect(changeData({ type: 'set', route }, listeners(route, { moved: '80 is held by nginx' }))).toMatchObject({
      event: 'route-added',
      route: 'default/web:http',
      state: 'Ready',
      ready: 1,
      total: 1,
      listeners: [{ address: '127.1.2.3', port: 80, frontend: 'clusterIP', moved: '80 is held by nginx' }],
    });
  });
  test('a changed route', () => {
    expect(changeData({ type: 'set', route, previous: routeOf(service()) }, [])).toMatchObject({
      event: 'route-changed',
      listeners: [],
    });
  });
  test('a removed route', () => {
    expect(changeData({ type: 'delete', route }, [])).toEqual({ event: 'route-removed', route: 'default/web:http' });
  });
});
