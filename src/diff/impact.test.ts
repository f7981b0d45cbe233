import { describe, expect, test } from 'vitest';
import { sets } from '../../test/support/objects.ts';
import { assumeRunning, WorkloadPods } from '../pods/index.ts';
import { type Route, RouteTable } from '../routing/index.ts';
import { World } from '../world/index.ts';
import { impactOf } from './index.ts';

function routes(yaml: string): Route[] {
  const world = new World();
  const table = new RouteTable(world.store);
  table.update(world.apply(assumeRunning(new WorkloadPods().apply(sets(yaml))).events));
  return [...table.routes()];
}

function service(ports: string, more = ''): string {
  return `apiVersion: v1\nkind: Service\nmetadata: { name: web }\nspec: { selector: { app: web }, ports: [${ports}]${more} }\n---\n`;
}

function deployment(port = '{ name: http, containerPort: 8080 }', replicas = 2, image = 'a'): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: web } }
  template: { metadata: { labels: { app: web } }, spec: { containers: [{ name: web, image: ${image}, ports: [${port}] }] } }
---
`;
}

const HTTP = '{ name: http, port: 80, targetPort: http }';
const BASE = service(HTTP) + deployment();

describe('the impact of a change on clients', () => {
  const cases: [
    name: string,
    before: string,
    after: string,
    expected: [effect: string, breaking: boolean, note: RegExp][],
  ][] = [
    ['nothing', BASE, BASE, []],
    ['only a new image: equal pods replace the old ones', BASE, service(HTTP) + deployment(undefined, 2, 'b'), []],
    ['a new Service', '', BASE, [['added', false, /2 endpoints/]]],
    ['a removed Service', BASE, deployment(), [['removed', true, /had 2 endpoints/]]],
    ['a removed Service without endpoints', service(HTTP), '', [['removed', false, /had no endpoint/]]],
    [
      'another port number',
      BASE,
      service(HTTP.replace('80', '81')) + deployment(),
      [['renumbered', true, /port 80 is now 81/]],
    ],
    [
      'another port name on the same number',
      BASE,
      service(HTTP.replace('name: http', 'name: web')) + deployment(),
      [['renamed', false, /named "web"/]],
    ],
    [
      'another container port behind the same name',
      BASE,
      service(HTTP) + deployment('{ name: http, containerPort: 9090 }'),
      [['moves', false, /pod port 9090 instead of 8080/]],
    ],
    [
      'a container port that is renamed under the Service',
      BASE,
      service(HTTP) + deployment('{ name: web, containerPort: 8080 }'),
      [['breaks', true, /no TCP port called "http"/]],
    ],
    [
      'labels that no longer match',
      BASE,
      service(HTTP).replace('app: web', 'app: wbe') + deployment(),
      [['breaks', true, /no pod has app=wbe/]],
    ],
    [
      'a fault that is fixed',
      service(HTTP.replace('targetPort: http', 'targetPort: x')) + deployment(),
      BASE,
      [['fixed', false, /2 endpoints, had none/]],
    ],
    ['fewer replicas', BASE, service(HTTP) + deployment(undefined, 1), [['drains', false, /1 of 2 endpoints remain/]]],
    ['no replicas', BASE, service(HTTP) + deployment(undefined, 0), [['breaks', true, /no pod has app=web/]]],
    [
      'a removed node port',
      service(HTTP.replace('port: 80', 'port: 80, nodePort: 30080'), ', type: NodePort') + deployment(),
      BASE,
      [['frontend-gone', true, /nodePort 30080/]],
    ],
    [
      'a removed external IP',
      service(HTTP, ', externalIPs: [192.0.2.1]') + deployment(),
      BASE,
      [['frontend-gone', true, /192\.0\.2\.1:80/]],
    ],
    [
      'a Service that becomes headless',
      BASE,
      service(HTTP, ', clusterIP: None') + deployment(),
      [['changed', true, /was proxied, is now headless/]],
    ],
    [
      'session affinity',
      BASE,
      service(HTTP, ', sessionAffinity: ClientIP') + deployment(),
      [['changed', false, /affinityTimeoutSeconds: none -> 10800/]],
    ],
    [
      'another protocol',
      BASE,
      service(HTTP.replace('port: 80', 'port: 80, protocol: UDP')) + deployment(),
      [
        ['removed', true, /had 2/],
        ['added', false, /TCP/],
      ],
    ],
  ];
  test.each(cases)('%s', (_name, before, after, expected) => {
    const impacts = impactOf(routes(before), routes(after));
    expect(impacts.map(impact => [impact.effect, impact.breaking])).toEqual(
      expected.map(([effect, breaking]) => [effect, breaking]),
    );
    impacts.forEach((impact, index) => {
      expect(impact.notes.join('; ')).toMatch(expected[index]?.[2] ?? /never/);
    });
  });
});
