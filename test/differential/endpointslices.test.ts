import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeSlices, mirrorEndpoints } from '../../src/endpoints/index.ts';
import { type EndpointSlice, keyOf } from '../../src/kube/index.ts';
import { parseManifest } from '../../src/kube/manifest/index.ts';
import { ObjectStore } from '../../src/world/index.ts';
import { type ControlPlane, controlPlaneMissing, startControlPlane } from '../../testing/control-plane/index.ts';
import { crowd, NODES, type PodPlan, statusOf, type World, worlds } from './slice-worlds.ts';

const missing = controlPlaneMissing();
const SEED = Number(process.env.SWITCHBOARD_SEED ?? 34);
const WORLDS = Number(process.env.SWITCHBOARD_WORLDS ?? 40);
const DEADLINE_MS = 40_000;

/** The parts of a slice that affect traffic, in a comparable form. */
interface Group {
  readonly service: string;
  readonly group: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly slices: number;
  readonly endpoints: readonly string[];
}

describe.skipIf(missing !== undefined)(
  `our slices equal the EndpointSlice controller's${missing ? `: ${missing}` : ''}`,
  () => {
    let api: ControlPlane;
    beforeAll(async () => {
      api = await startControlPlane({ controllers: true, serviceCidr: '10.96.0.0/12,fd00:96::/112' });
      for (const node of NODES) await create('/api/v1/nodes', node);
    });
    afterAll(() => api.stop());

    async function create(path: string, body: unknown): Promise<void> {
      const { status, json } = await api.request('POST', path, body);
      if (status !== 201) throw new Error(`${path}: ${status} ${JSON.stringify(json)} for ${JSON.stringify(body)}`);
    }

    async function createPod(namespace: string, pod: PodPlan): Promise<void> {
      const path = `/api/v1/namespaces/${namespace}/pods`;
      await create(path, pod.body);
      const { status, json } = await api.request('PATCH', `${path}/${pod.name}/status`, { status: pod.status });
      if (status !== 200) throw new Error(`${pod.name}: ${JSON.stringify(json)}`);
      if (pod.terminating) await api.request('DELETE', `${path}/${pod.name}?gracePeriodSeconds=3600`);
    }

    async function createWorld(world: World): Promise<void> {
      const { namespace } = world;
      await create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
      await Promise.all([
        ...world.services.map(service => create(`/api/v1/namespaces/${namespace}/services`, service)),
        ...world.endpoints.map(endpoints => create(`/api/v1/namespaces/${namespace}/endpoints`, endpoints)),
        ...world.pods.map(pod => createPod(namespace, pod)),
      ]);
    }

    /** The API's lists, read like any snapshot of a cluster. */
    async function snapshot(...paths: string[]) {
      const lists = await Promise.all(paths.map(async path => (await api.request('GET', path)).json));
      const manifest = parseManifest(lists.map(list => JSON.stringify(list)).join('\n---\n'), {
        primaryFamily: 'IPv4',
        defaultNamespace: 'default',
      });
      expect(manifest.faults, 'a snapshot of a cluster reads without faults').toEqual([]);
      return manifest.objects.map(({ object }) => object);
    }

    async function ours(): Promise<Group[]> {
      const store = new ObjectStore();
      const objects = await snapshot('/api/v1/services', '/api/v1/pods', '/api/v1/nodes', '/api/v1/endpoints');
      store.apply(objects.map(object => ({ type: 'set', object })));
      return [...store.services()].flatMap(service => {
        if (service.type === 'ExternalName' || service.meta.namespace === 'default') return [];
        if (service.selector !== undefined)
          return groups(makeSlices(service, store.podsSelectedBy(service), store).slices);
        const endpoints = store.endpointsOf(keyOf(service.meta));
        return endpoints === undefined ? [] : groups(mirrorEndpoints(endpoints, service.headless));
      });
    }

    async function theirs(): Promise<Group[]> {
      const slices = (await snapshot('/apis/discovery.k8s.io/v1/endpointslices')).filter(
        object => object.kind === 'EndpointSlice',
      );
      return groups(slices.filter(slice => slice.meta.namespace !== 'default'));
    }

    /** Compares until both agree or a deadline passes, since the controllers are asynchronous. */
    async function agree(): Promise<number> {
      const deadline = performance.now() + DEADLINE_MS;
      const wanted = sortGroups(await ours());
      for (;;) {
        const made = sortGroups(await theirs());
        if (JSON.stringify(made) === JSON.stringify(wanted)) return wanted.length;
        if (performance.now() > deadline) {
          expect(wanted).toEqual(made);
          throw new Error('unreachable: the two differ');
        }
      }
    }

    test(`for ${WORLDS} random worlds, including terminating pods, sidecars, dual stack and hints`, async () => {
      for (const world of [...worlds(WORLDS, SEED), crowd('crowd', 205)]) await createWorld(world);
      const compared = await agree();
      expect(compared).toBeGreaterThan(WORLDS * 3);
    });

    test('and after their pods have changed', async () => {
      const pods = (await snapshot('/api/v1/pods')).filter(
        object => object.kind === 'Pod' && object.meta.namespace !== 'crowd',
      );
      await Promise.all(
        pods.map(async (pod, index) => {
          const path = `/api/v1/namespaces/${pod.meta.namespace}/pods/${pod.meta.name}`;
          switch (index % 5) {
            case 0: {
              const status = statusOf(
                { ready: index % 2 === 0, phase: 'Running', ips: 'both' },
                `10.250.${index >> 8}.${index & 255}`,
                `fd00:250::${index.toString(16)}`,
              );
              await api.request('PATCH', `${path}/status`, { status });
              return;
            }
            case 1:
              await api.request('PATCH', path, { metadata: { labels: { app: 'b', tier: 'y' } } });
              return;
            case 2:
              await api.request('DELETE', `${path}?gracePeriodSeconds=0`);
              return;
            default:
          }
        }),
      );
      await agree();
    });
  },
);

function groups(slices: readonly EndpointSlice[]): Group[] {
  const found = new Map<
    string,
    { -readonly [K in keyof Group]: Group[K] extends readonly string[] ? string[] : Group[K] }
  >();
  for (const slice of slices) {
    expect(slice.endpoints.length).toBeLessThanOrEqual(100);
    const service = `${slice.meta.namespace}/${slice.meta.labels['kubernetes.io/service-name']}`;
    const ports = slice.ports.map(port => [port.name, port.protocol, port.port, port.appProtocol ?? null]);
    const id = `${slice.addressType} ${JSON.stringify(ports.sort())}`;
    const group = found.get(`${service} ${id}`) ?? {
      service,
      group: id,
      labels: sortKeys(slice.meta.labels),
      slices: 0,
      endpoints: [],
    };
    group.slices += 1;
    group.endpoints.push(...slice.endpoints.map(endpoint => JSON.stringify(sortKeys({ ...endpoint }))));
    found.set(`${service} ${id}`, group);
  }
  return [...found.values()].map(group => ({ ...group, endpoints: group.endpoints.sort() }));
}

function sortKeys<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1))) as T;
}

function sortGroups(list: Group[]): Group[] {
  return list.sort((a, b) => (`${a.service} ${a.group}` < `${b.service} ${b.group}` ? -1 : 1));
}
