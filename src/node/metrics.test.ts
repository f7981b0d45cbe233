import { expect, test } from 'vitest';
import type { KubeObject, ObjectEvent } from '../kube/index.ts';
import { manifestOfValues } from '../kube/manifest/index.ts';
import { RouteTable } from '../routing/index.ts';
import { World as ObjectWorld } from '../world/index.ts';
import { arrivalsOf } from './arrivals.ts';
import { Metrics } from './metrics.ts';
import { Progress } from './progress.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const KEY = { namespace: 'shop', name: 'web' };

function read(value: object): KubeObject {
  const options = { primaryFamily: 'IPv4', defaultNamespace: 'shop' } as const;
  const [placed] = manifestOfValues([value], options).objects;
  if (placed === undefined) throw new Error('refused');
  return placed.object;
}

const service = (spec: object = {}) =>
  read({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: KEY,
    spec: {
      clusterIP: '10.96.0.10',
      clusterIPs: ['10.96.0.10', 'fd00::10'],
      ipFamilyPolicy: 'RequireDualStack',
      ports: [{ port: 80 }],
      ...spec,
    },
  });

const slice = (address: string, metadata: object = {}) =>
  read({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      namespace: 'shop',
      name: address.includes(':') ? 'web-6' : 'web-4',
      labels: { 'kubernetes.io/service-name': 'web' },
      ...metadata,
    },
    addressType: address.includes(':') ? 'IPv6' : 'IPv4',
    ports: [{ name: '', port: 8080, protocol: 'TCP' }],
    endpoints: [{ addresses: [address], nodeName: 'elsewhere' }],
  });

/** An agent's metrics without its cluster and kernel. */
class World {
  readonly world = new ObjectWorld();
  readonly table = new RouteTable(this.world.store, { name: 'here' });
  readonly metrics = new Metrics(new Progress(), () => this.table.routes());

  take(events: readonly ObjectEvent[]) {
    const arrivals = arrivalsOf(events, this.world.store);
    const changes = this.table.update(this.world.apply(events));
    this.metrics.queued(arrivals, new Set(changes.map(({ route }) => route.service)), NOW);
    return changes;
  }

  set(...objects: readonly KubeObject[]) {
    return this.take(objects.map(object => ({ type: 'set', object })));
  }

  /** The value of each series of a metric, by its labels. */
  async read(name: string): Promise<Record<string, number>> {
    const text = await this.metrics.registry.metrics();
    const lines = text.matchAll(new RegExp(`^kubeproxy_${name}(?:\\{([^}]*)\\})? (\\S+)$`, 'gm'));
    return Object.fromEntries([...lines].map(([, labels = '', value]) => [labels.replaceAll('"', ''), Number(value)]));
  }
}

test('a Service counts for both families, a slice for its own', async () => {
  const world = new World();
  world.set(service(), slice('10.1.0.1'));
  world.set(slice('10.1.0.2'));
  expect(await world.read('sync_proxy_rules_service_changes_total')).toEqual({ '': 2 });
  expect(await world.read('sync_proxy_rules_endpoint_changes_total')).toEqual({ '': 2 });
});

test('a change is pending until it is in the kernel, unless it changes no route', async () => {
  const world = new World();
  const changes = world.set(service(), slice('fd01::1'));
  const pending = () => world.read('sync_proxy_rules_endpoint_changes_pending');
  expect(await pending()).toEqual({ '': 1 });
  world.metrics.applied(changes, 0.002, NOW);
  expect(await pending()).toEqual({ '': 0 });
  world.set(slice('fd01::1'));
  expect(await pending()).toEqual({ '': 0 });
});

test('a deleted slice counts for its former Service and family', async () => {
  const world = new World();
  world.metrics.applied(world.set(service(), slice('fd01::1')), 0.002, NOW);
  world.take([{ type: 'delete', kind: 'EndpointSlice', namespace: 'shop', name: 'web-6' }]);
  expect(await world.read('sync_proxy_rules_endpoint_changes_total')).toEqual({ '': 2 });
  expect(await world.read('sync_proxy_rules_endpoint_changes_pending')).toEqual({ '': 1 });
});

test('programming latency is measured from the trigger to the kernel, in the family of the slice', async () => {
  const world = new World();
  const annotations = { 'endpoints.kubernetes.io/last-change-trigger-time': '2026-03-01T11:59:58Z' };
  world.metrics.applied(world.set(service(), slice('10.1.0.1', { annotations })), 0.002, NOW + 1_000);
  expect(await world.read('network_programming_duration_seconds_sum')).toEqual({ 'ip_family=IPv4': 3 });
});

test('a trigger from before the agent started is ignored', async () => {
  const world = new World();
  const annotations = { 'endpoints.kubernetes.io/last-change-trigger-time': '2026-03-01T08:00:00Z' };
  world.metrics.applied(world.set(service(), slice('10.1.0.1', { annotations })), 0.002, NOW);
  expect(await world.read('network_programming_duration_seconds_count')).toEqual({});
});

test('a transaction is timed in the families that it changes', async () => {
  const world = new World();
  world.metrics.applied(world.set(service(), slice('10.1.0.1')), 0.002, NOW);
  world.metrics.applied(world.set(slice('10.1.0.2')), 0.002, NOW);
  expect(await world.read('sync_proxy_rules_duration_seconds_count')).toEqual({
    'ip_family=IPv4': 2,
    'ip_family=IPv6': 1,
  });
});

test.each([
  { policy: 'internal', spec: { internalTrafficPolicy: 'Local' } },
  { policy: 'external', spec: { type: 'NodePort', externalTrafficPolicy: 'Local' } },
])('endpoints on other nodes only, with $policy policy Local', async ({ policy, spec }) => {
  const world = new World();
  const found = () => world.read('sync_proxy_rules_no_local_endpoints_total');
  const name = `ip_family=IPv4,traffic_policy=${policy}`;
  world.set(service(spec));
  expect((await found())[name]).toBe(0);
  world.set(slice('10.1.0.1'));
  expect((await found())[name]).toBe(1);
  expect(Object.values(await found()).reduce((sum, n) => sum + n)).toBe(1);
});
