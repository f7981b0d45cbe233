/**
 * Runs the same tests of the cluster source against a real control plane and against the server in this process.
 * Tests that need one of them are in `cluster-source-real`, `cluster-source-faults` and `cluster-source-answers`.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClusterSource } from '../../src/sources/cluster/index.ts';
import { Followed, namespace, node, SERVICES, SLICES, service, slice } from '../../testing/api-server/index.ts';
import { fromEachServer, type Server } from '../support/cluster-servers.ts';

const OBJECTS = 1_000;
const AT_ONCE = 16;

fromEachServer(suite);

function suite(start: () => Promise<Server>): void {
  let api: Server;
  beforeAll(async () => {
    api = await start();
    for (const name of ['shop', 'other']) await send('POST', '/api/v1/namespaces', namespace(name));
    for (const name of ['node-1', 'node-2']) await send('POST', '/api/v1/nodes', node(name));
  }, 120_000);
  afterAll(() => api?.stop());

  async function send(method: string, path: string, body?: unknown): Promise<unknown> {
    const { status, json } = await api.request(method, path, body);
    if (status < 200 || status > 299) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(json)}`);
    return json;
  }

  /** A few at a time; the order does not matter. */
  async function each<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
    const rest = [...items];
    const worker = async (): Promise<void> => {
      for (let item = rest.shift(); item !== undefined; item = rest.shift()) await work(item);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  }

  const create = (name: string, labels: Record<string, string> = {}) =>
    send('POST', SERVICES, service({ name, labels }));
  const label = async (name: string, labels: Record<string, string>) =>
    send('PUT', `${SERVICES}/${name}`, await withLabels(name, labels));
  /** Replaces the labels only: a Service keeps its address. */
  async function withLabels(name: string, labels: Record<string, string>): Promise<unknown> {
    const found = await send('GET', `${SERVICES}/${name}`);
    const metadata = typeof found === 'object' && found !== null && 'metadata' in found ? found.metadata : {};
    return { ...Object(found), metadata: { ...Object(metadata), labels } };
  }
  const clear = async (followed: Followed) => {
    const names = followed.names.filter(name => name.includes(' shop/'));
    await each(names, name => {
      const [kind, key = ''] = name.split(' ');
      return api.request('DELETE', `${kind === 'Service' ? SERVICES : SLICES}/${key.replace('shop/', '')}`);
    });
  };
  const has = (followed: Followed, name: string) => followed.object('Service', `shop/${name}`) !== undefined;
  const kinds = ['Service', 'EndpointSlice'] as const;

  /** Loads a source without `follow`. */
  async function lookOnce(options: Partial<Parameters<typeof createClusterSource>[0]> = {}) {
    const source = await createClusterSource({ kubeconfig: api.kubeconfig, kinds, follow: false, ...options });
    try {
      const { events } = await source.load();
      return events.flatMap(event => (event.type === 'set' ? [event.object] : []));
    } finally {
      await source.close();
    }
  }

  const inOrder = (objects: Iterable<{ kind: string; meta: { namespace: string; name: string } }>) =>
    [...objects].sort((a, b) => {
      const [left, right] = [a, b].map(({ kind, meta }) => `${kind} ${meta.namespace}/${meta.name}`);
      return String(left) < String(right) ? -1 : 1;
    });

  test('mirrors 2,000 objects with every kind of list, and follows churn', { timeout: 120_000 }, async () => {
    const numbers = Array.from({ length: OBJECTS }, (_, index) => index);
    await using early = await Followed.load({ kubeconfig: api.kubeconfig, kinds });
    await each(numbers, async index => {
      await create(`s-${index}`);
      await send('POST', SLICES, slice(`s-${index}`, [`10.1.${index >> 8}.${index & 255 || 1}`]));
    });
    const complete = (followed: Followed) => followed.names.filter(name => name.includes(' shop/s-')).length;
    await early.until(() => complete(early) === 2 * OBJECTS);

    await using streamed = await Followed.load({ kubeconfig: api.kubeconfig, kinds });
    await using paged = await Followed.load({
      kubeconfig: api.kubeconfig,
      kinds,
      streamingLists: false,
      pageSize: 100,
    });
    expect(paged.happenedOf('listed').map(event => event.streamed)).toEqual([false, false]);
    const once = inOrder(await lookOnce({ pageSize: 300 }));
    for (const followed of [early, streamed, paged]) expect(inOrder(followed.objects.values())).toEqual(once);

    await each(numbers.slice(0, 300), async index => {
      if (index % 3 === 0) await send('DELETE', `${SERVICES}/s-${index}`);
      else if (index % 3 === 1)
        await send('PUT', `${SLICES}/s-${index}-1`, slice(`s-${index}`, ['10.2.0.1', '10.2.0.2']));
      else {
        await send('DELETE', `${SLICES}/s-${index}-1`);
        await send('POST', SLICES, slice(`s-${index}`, ['10.3.0.1']));
      }
    });
    await create('last');
    await send('POST', SLICES, slice('last', ['10.4.0.1']));
    const after = inOrder(await lookOnce());
    for (const followed of [early, streamed, paged]) {
      await followed.until(
        () => has(followed, 'last') && followed.object('EndpointSlice', 'shop/last-1') !== undefined,
      );
      expect(inOrder(followed.objects.values())).toEqual(after);
    }
    await clear(early);
    await early.until(() => complete(early) === 0);
  });

  test('excludes what a proxy does not handle, unless the options include it', async () => {
    await create('plain');
    await create('mesh', { 'service.kubernetes.io/service-proxy-name': 'mesh' });
    await create('without', { 'service.kubernetes.io/headless': '' });
    const headless = { labels: { 'kubernetes.io/service-name': 'without', 'service.kubernetes.io/headless': '' } };
    await send('POST', SLICES, slice('without', ['10.1.0.1'], headless));
    await using proxied = await Followed.load({ kubeconfig: api.kubeconfig, kinds, namespace: 'shop' });
    await using all = await Followed.load({ kubeconfig: api.kubeconfig, kinds, namespace: 'shop', proxied: false });
    expect(proxied.names).toEqual(['Service shop/plain']);
    expect(all.names).toEqual([
      'EndpointSlice shop/without-1',
      'Service shop/mesh',
      'Service shop/plain',
      'Service shop/without',
    ]);
    await label('plain', { 'service.kubernetes.io/service-proxy-name': 'mesh' });
    await proxied.until(() => !has(proxied, 'plain'));
    await label('plain', {});
    await proxied.until(() => has(proxied, 'plain'));
    await clear(all);
    await all.until(() => all.names.length === 0);
  });

  test('reads only one node, or only one namespace', async () => {
    await send('POST', '/api/v1/namespaces/other/services', service({ name: 'there' }));
    await create('here');
    await using followed = await Followed.load({
      kubeconfig: api.kubeconfig,
      kinds: ['Service', 'Node', 'Namespace'],
      node: 'node-1',
      namespace: 'other',
    });
    expect(followed.names.filter(name => !name.startsWith('Namespace '))).toEqual([
      'Node node-1',
      'Service other/there',
    ]);
    expect(followed.names).toContain('Namespace shop');
    expect(followed.object('Node', 'node-1')).toMatchObject({ podCIDRs: [expect.anything()] });
    await send('DELETE', '/api/v1/namespaces/other/services/there');
    await send('DELETE', `${SERVICES}/here`);
    await followed.until(() => followed.object('Service', 'other/there') === undefined);
  });

  test("keeps the slices' annotations with the time of a change, but not kubectl's copies of objects", async () => {
    const trigger = { 'endpoints.kubernetes.io/last-change-trigger-time': '2026-01-01T00:00:00Z' };
    const copy = { 'kubectl.kubernetes.io/last-applied-configuration': '{}' };
    await send('POST', SLICES, slice('timed', ['10.1.0.1'], { annotations: { ...trigger, ...copy } }));
    const found = (await lookOnce()).find(({ meta }) => meta.name === 'timed-1');
    expect(found?.meta.annotations).toEqual(trigger);
    await send('DELETE', `${SLICES}/timed-1`);
  });
}
