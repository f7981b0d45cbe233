import fc from 'fast-check';
import { expect, test } from 'vitest';
import { objects, pod, slice } from '../../test/support/objects.ts';
import type { KubeObject, ObjectEvent } from '../kube/index.ts';
import { World } from '../world/index.ts';
import { diffRoutes, type NodeContext, type Route, RouteTable } from './index.ts';

const RUNS = Number(process.env.SWITCHBOARD_PROPERTY_RUNS ?? 60);

/** A pool of related objects: the same Services in several variants, pods, slices, Endpoints, nodes. */
const POOL: readonly KubeObject[] = objects(
  [
    ...['a', 'b', 'c'].flatMap(name => [
      svc(name, '{ selector: { app: web }, ports: [{ name: http, port: 80, targetPort: http }] }'),
      svc(
        name,
        '{ selector: { app: web, tier: x }, type: NodePort, ports: [{ name: http, port: 80, nodePort: 30080 }] }',
      ),
      svc(name, '{ clusterIP: None, selector: { app: db }, ports: [{ name: http, port: 80 }] }'),
      svc(name, '{ type: ExternalName, externalName: example.com }'),
      svc(
        name,
        '{ ports: [{ name: http, port: 80 }, { name: dns, port: 53, protocol: UDP }], externalIPs: [192.0.2.1] }',
      ),
      svc(
        name,
        '{ type: NodePort, externalTrafficPolicy: Local, selector: { app: db }, ports: [{ name: http, port: 81, nodePort: 30080 }] }',
      ),
      slice(name, '[{ addresses: [10.9.0.1], nodeName: n1 }, { addresses: [10.9.0.2], conditions: { ready: false } }]'),
      slice(name, '[{ addresses: [10.9.0.1] }]', '[{ name: dns, port: 53, protocol: UDP }]'),
      `apiVersion: v1\nkind: Endpoints\nmetadata: { name: ${name} }\nsubsets: [{ addresses: [{ ip: 10.8.0.1 }], ports: [{ name: http, port: 8 }] }]\n---\n`,
    ]),
    ...[1, 2, 3, 4].flatMap(n => {
      const ip = `10.0.0.${n}`;
      const name = `p${n}`;
      return [
        pod({ name, ip, node: 'n1', ports: '[{ name: http, containerPort: 8080 }]' }),
        pod({
          name,
          ip,
          node: 'n2',
          labels: { app: 'web', tier: 'x' },
          ports: '[{ name: http, containerPort: 9090 }]',
        }),
        pod({ name, ip, node: 'n2', labels: { app: 'db' }, ready: false }),
        pod({ name, ip, labels: { app: 'web' }, terminating: true }),
        pod({ name, labels: { app: 'web' }, phase: 'Pending', ready: false }),
      ];
    }),
    ...['n1', 'n2'].flatMap(name => ['z1', 'z2'].map(zone => node(name, zone))),
  ].join(''),
);

function svc(name: string, spec: string): string {
  return `apiVersion: v1\nkind: Service\nmetadata: { name: ${name} }\nspec: ${spec}\n---\n`;
}

function node(name: string, zone: string): string {
  return `apiVersion: v1\nkind: Node\nmetadata: { name: ${name}, labels: { topology.kubernetes.io/zone: ${zone} } }\n---\n`;
}

const event: fc.Arbitrary<ObjectEvent> = fc
  .tuple(fc.constantFrom(...POOL), fc.integer({ min: 0, max: 3 }))
  .map(([object, dice]) => {
    const { namespace, name } = object.meta;
    return dice === 0 ? { type: 'delete', kind: object.kind, namespace, name } : { type: 'set', object };
  });
/** Occasionally the node, or its zone, changes. */
const place = fc.option<NodeContext>(
  fc.record({ name: fc.constantFrom('n1', 'n2'), zone: fc.constantFrom('z1', 'z2') }),
  { freq: 4 },
);
const step = fc.record({ place, batch: fc.array(event, { minLength: 1, maxLength: 4 }) });
const history = fc.array(step, { minLength: 1, maxLength: 25 });

function byKey(routes: Iterable<Route>): Route[] {
  return [...routes].sort((a, b) => (a.key < b.key ? -1 : 1));
}

test('routes after any history equal those made from the final state, and the changes lead there', () => {
  fc.assert(
    fc.property(history, steps => {
      let node: NodeContext = { name: 'n1', zone: 'z1' };
      const world = new World();
      const incremental = new RouteTable(world.store, node);
      const followed = new Map<string, Route>();
      const final = new Map<string, KubeObject>();
      for (const { place, batch } of steps) {
        node = place ?? node;
        const moved = place === null ? [] : incremental.setNode(place);
        for (const change of [...moved, ...incremental.update(world.apply(batch))]) {
          if (change.type === 'set') {
            expect(followed.get(change.route.key)).toEqual(change.previous);
            followed.set(change.route.key, change.route);
          } else expect(followed.delete(change.route.key)).toBe(true);
        }
        for (const each of batch) {
          if (each.type === 'set') final.set(`${each.object.kind} ${each.object.meta.name}`, each.object);
          else final.delete(`${each.kind} ${each.name}`);
        }
      }
      const other = new World();
      const scratch = new RouteTable(other.store, node);
      scratch.update(other.apply([...final.values()].map(object => ({ type: 'set', object }))));
      expect(byKey(incremental.routes())).toEqual(byKey(scratch.routes()));
      expect(byKey(followed.values())).toEqual(byKey(scratch.routes()));
      expect(diffRoutes(incremental.routes(), scratch.routes())).toEqual([]);
    }),
    { numRuns: RUNS },
  );
});

test('an event compiles only the Services that it touches', () => {
  const world = new World();
  const table = new RouteTable(world.store);
  const services = Array.from({ length: 200 }, (_, i) =>
    svc(`s${i}`, `{ selector: { app: a${i} }, ports: [{ port: 80 }] }`),
  );
  table.update(world.apply(objects(services.join('')).map(object => ({ type: 'set', object }))));
  const before = new Map([...table.routes()].map(route => [route.key, route]));
  const [p] = objects(pod({ name: 'p', ip: '10.0.0.1', labels: { app: 'a7' } }));
  if (p === undefined) throw new Error('no pod');
  expect(table.update(world.apply([{ type: 'set', object: p }])).map(change => change.route.name)).toEqual(['s7']);
  const rebuilt = [...table.routes()].filter(route => before.get(route.key) !== route);
  expect(rebuilt.map(route => route.name)).toEqual(['s7']);
});
