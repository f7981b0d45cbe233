import { expect, test } from 'vitest';
import { eventsOf } from '../../../test/conformance/runners/events.ts';
import { SCENARIOS } from '../../../test/conformance/scenarios/index.ts';
import { pod, sets } from '../../../test/support/objects.ts';
import { type Route, type RouteKey, RouteTable } from '../../routing/index.ts';
import { World } from '../../world/index.ts';
import { isApplyCall, isGatewaySettings, isRelayCall } from './calls.ts';

const SERVICES = `apiVersion: v1
kind: Service
metadata: { name: web }
spec: { type: LoadBalancer, selector: { app: web }, ports: [{ port: 80, targetPort: 8080 }], sessionAffinity: ClientIP, loadBalancerSourceRanges: [10.0.0.0/8] }
---
apiVersion: v1
kind: Service
metadata: { name: headless }
spec: { clusterIP: None, selector: { app: web }, ports: [{ port: 80 }] }
---
apiVersion: v1
kind: Service
metadata: { name: alias }
spec: { type: ExternalName, externalName: db.example.org }
---
apiVersion: v1
kind: Service
metadata: { name: other, labels: { service.kubernetes.io/service-proxy-name: mine } }
spec: { selector: { app: web }, ports: [{ port: 80 }] }
---
`;

test('a change of every kind of route arrives at the gateway as it was sent', () => {
  const world = new World();
  const table = new RouteTable(world.store);
  const changes = table.update(
    world.apply(
      sets(SERVICES + pod({ name: 'web-1', ip: '10.0.0.1' }) + pod({ name: 'web-2', ip: '10.0.0.2', ready: false })),
    ),
  );
  expect(new Set(changes.map(({ route }) => route.kind))).toEqual(
    new Set(['proxied', 'headless', 'externalName', 'otherProxy']),
  );
  const received: unknown = JSON.parse(JSON.stringify({ changes }));
  if (!isApplyCall(received)) throw new Error('the call is not recognized');
  expect(received.changes).toEqual(changes);
});

test.each(SCENARIOS.map(scenario => [scenario.id, scenario] as const))(
  'the routes of scenario %s are at the gateway what they are here, after every step',
  (_id, scenario) => {
    const world = new World();
    const table = new RouteTable(world.store);
    const there = new Map<RouteKey, Route>();
    for (const step of scenario.steps) {
      const received: unknown = JSON.parse(
        JSON.stringify({ changes: table.update(world.apply(eventsOf(scenario, step))) }),
      );
      if (!isApplyCall(received)) throw new Error('the call is not recognized');
      for (const { type, route } of received.changes) {
        if (type === 'set') there.set(route.key, route);
        else there.delete(route.key);
      }
      const here = [...table.routes()];
      expect(here.map(({ key }) => there.get(key))).toEqual(here);
      expect(there.size).toBe(here.length);
    }
  },
);

test.each([null, {}, { changes: 1 }, { changes: [{}] }, { changes: [{ type: 'set' }] }])('%j is no call', value => {
  expect(isApplyCall(value)).toBe(false);
});

test.each<[value: unknown, expected: boolean]>([
  [{ protocol: 'TCP', at: { address: '10.0.0.1', port: 80 }, to: { address: '127.0.0.1', port: 8080 } }, true],
  [{ protocol: 'SCTP', at: { address: '10.0.0.1', port: 80 }, to: { address: '127.0.0.1', port: 8080 } }, false],
  [{ protocol: 'TCP', at: { address: 'web', port: 80 }, to: { address: '127.0.0.1', port: 8080 } }, false],
  [{ protocol: 'TCP', at: { address: '10.0.0.1', port: 80 } }, false],
])('whether %j is a relay: %s', (value, expected) => {
  expect(isRelayCall(value)).toBe(expected);
});

test('settings need all fields', () => {
  const settings = { token: 't', address: 'a', clusterIPs: 'c', relays: 'r' };
  expect(isGatewaySettings(settings)).toBe(true);
  for (const field of Object.keys(settings)) expect(isGatewaySettings({ ...settings, [field]: '' })).toBe(false);
});
