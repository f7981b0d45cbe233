/**
 * Faults of the API server and of the connection to it: the source keeps its state, loses nothing and reports nothing
 * twice. Runs against a server in this process that misbehaves on demand.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createClusterSource } from '../../src/sources/cluster/index.ts';
import { ApiServer, Followed, QUICK, SERVICES, SLICES, service, slice } from '../../testing/api-server/index.ts';

let api: ApiServer;
let open: Followed[] = [];
beforeEach(async () => {
  api = await ApiServer.start();
});
afterEach(async () => {
  await Promise.all(open.map(followed => followed.close()));
  open = [];
  await api.stop();
});

const KINDS = ['Service', 'EndpointSlice'] as const;
type Options = Partial<Parameters<typeof Followed.start>[0]>;

async function start(options: Options = {}): Promise<Followed> {
  const followed = await Followed.start({ kubeconfig: api.kubeconfig, kinds: KINDS, ...options });
  open.push(followed);
  return followed;
}

async function load(options: Options = {}): Promise<Followed> {
  const followed = await start(options);
  await followed.until(() => followed.loaded);
  return followed;
}

const put = (name: string, port = 80) => api.request('PUT', `${SERVICES}/${name}`, service({ name, port }));
const remove = (name: string) => api.request('DELETE', `${SERVICES}/${name}`);
const has = (followed: Followed, name: string) => followed.object('Service', `shop/${name}`) !== undefined;

/** A last change of each kind: when it has arrived, so has everything before it. */
async function settled(followed: Followed): Promise<void> {
  const name = `sentinel-${followed.events.length}`;
  await put(name);
  await api.request('PUT', `${SLICES}/${name}-1`, slice(name, ['10.1.0.9']));
  await followed.until(() => has(followed, name) && followed.object('EndpointSlice', `shop/${name}-1`) !== undefined);
}

const deletes = (followed: Followed) => followed.events.filter(event => event.type === 'delete');
const watching = (plural: string) => api.until(() => api.watchesOf(plural) === 1);

describe('connections', () => {
  test('cut: the watch resumes and reports what happened meanwhile', async () => {
    await put('a');
    const followed = await load();
    api.cut();
    await put('b');
    await remove('a');
    await followed.until(() => has(followed, 'b') && !has(followed, 'a'));
    expect(followed.happenedOf('lost').map(event => event.why)).toContain('the connection was cut');
    await followed.until(() => followed.happenedOf('back').length === followed.happenedOf('lost').length);
    expect(followed.happenedOf('listed'), 'no second list').toHaveLength(2);
  });

  test('cut as soon as they are open, again and again', async () => {
    const followed = await load();
    api.faults.cutsWatches = true;
    const before = api.asked.length;
    api.cut();
    await api.until(() => api.asked.length > before + 12);
    api.faults.behave();
    await put('a');
    await followed.until(() => has(followed, 'a'));
    expect(deletes(followed)).toEqual([]);
  });

  test('none for a while: keeps its state, then reports the difference', async () => {
    await put('a');
    await put('b');
    const followed = await load();
    await api.goAway();
    await followed.until(() => [...followed.source.status.values()].every(({ connected }) => !connected));
    expect(followed.names).toEqual(['Service shop/a', 'Service shop/b']);
    for (const status of followed.source.status.values()) {
      expect(status).toMatchObject({ synced: true, connected: false, lastError: expect.any(String) });
    }
    await remove('a');
    await put('c');
    api.compact();
    await api.comeBack();
    await followed.until(() => has(followed, 'c'));
    expect(followed.events).toEqual([
      { type: 'delete', kind: 'Service', namespace: 'shop', name: 'a' },
      { type: 'set', object: followed.object('Service', 'shop/c') },
    ]);
    await followed.until(() => [...followed.source.status.values()].every(({ connected }) => connected));
    for (const status of followed.source.status.values()) expect(status.lastError).toBeUndefined();
    expect(followed.happenedOf('lost'), 'one event per outage and kind').toHaveLength(2);
  });

  test('none at first: waits', async () => {
    await api.goAway();
    const followed = await start();
    await followed.until(() => followed.happenedOf('lost').length === 2);
    expect(followed.loaded).toBe(false);
    await put('a');
    await api.comeBack();
    await followed.until(() => followed.loaded);
    expect(followed.names).toEqual(['Service shop/a']);
  });

  test('silent: reconnects after the timeout', async () => {
    const followed = await load({ timings: { watchSilenceMs: 100 } });
    api.faults.stalled = true;
    await put('a');
    await followed.until(() => followed.happenedOf('lost').length > 0);
    expect(followed.happenedOf('lost')[0]?.why).toBe('silent for 0.1 s');
    api.faults.behave();
    await followed.until(() => has(followed, 'a'));
  });

  test('ended by the server: reports no outage', async () => {
    const followed = await load();
    await watching('services');
    api.endWatches();
    await api.until(() => api.watchesOf('services') === 0);
    await settled(followed);
    expect(followed.happenedOf('lost')).toEqual([]);
  });
});

describe('streams', () => {
  test('garbage: reports it, and lists again without a change', async () => {
    await put('a');
    const followed = await load();
    for (const text of ['<html>Bad Gateway</html>\n', '{"type":"ADDED"}\n', '17\n', '{"type":"NEWS","object":{}}\n']) {
      const listed = followed.happenedOf('listed').length;
      await watching('services');
      api.say('services', text);
      await followed.until(() => followed.happenedOf('listed').length > listed);
    }
    await settled(followed);
    expect(deletes(followed)).toEqual([]);
    expect(
      followed
        .happenedOf('listed')
        .slice(2)
        .map(event => event.changes),
    ).toEqual([0, 0, 0, 0]);
  });

  test('ignores half a line before a cut', async () => {
    const followed = await load();
    await watching('services');
    api.say('services', '{"type":"ADDED","object":{"kind":"Service","metadata":{"name":"half","namesp');
    await api.request('GET', '/');
    api.cut();
    await settled(followed);
    expect(has(followed, 'half')).toBe(false);
  });

  test('ignores a replay', async () => {
    const followed = await load();
    await put('a', 80);
    await put('a', 81);
    await put('b');
    await remove('b');
    await followed.until(() => deletes(followed).length === 1);
    const eventsBefore = followed.events.length;
    api.replay('services', 4);
    await settled(followed);
    expect(followed.events.slice(eventsBefore).filter(event => event.type === 'delete')).toEqual([]);
    expect(followed.events).toHaveLength(eventsBefore + 2);
    expect(has(followed, 'b')).toBe(false);
    expect(followed.object('Service', 'shop/a')).toMatchObject({ ports: [{ port: 81 }] });
  });

  test('reach the same state when collections are out of step', async () => {
    const followed = await load();
    await watching('services');
    api.hold('services');
    await put('web');
    await api.request('PUT', `${SLICES}/web-1`, slice('web', ['10.1.0.1']));
    await followed.until(() => followed.object('EndpointSlice', 'shop/web-1') !== undefined);
    expect(has(followed, 'web')).toBe(false);
    api.release('services');
    await followed.until(() => has(followed, 'web'));
    expect(followed.names).toEqual(['EndpointSlice shop/web-1', 'Service shop/web']);
  });

  test.each([true, false])('seven bytes at a time, streaming lists %s', async streamingLists => {
    const annotations = { 'example.com/note': 'Grüße, 世界 \\" ]}[{,' };
    await api.request('PUT', `${SERVICES}/a`, service({ name: 'a', annotations }));
    await put('b');
    api.faults.bytesAtATime = 7;
    const followed = await load({ streamingLists });
    expect(followed.object('Service', 'shop/a')?.meta.annotations).toEqual(annotations);
    await api.request('PUT', `${SERVICES}/c`, service({ name: 'c', annotations }));
    await followed.until(() => has(followed, 'c'));
    expect(followed.object('Service', 'shop/c')?.meta.annotations).toEqual(annotations);
  });

  test('resume from the last bookmark', async () => {
    const followed = await load();
    await watching('services');
    await put('a');
    await followed.until(() => has(followed, 'a'));
    await api.request('PUT', '/api/v1/nodes/other', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'other' } });
    api.bookmark('services');
    const before = api.asked.length;
    api.endWatches();
    await api.until(() => api.asked.slice(before).some(({ plural }) => plural === 'services'));
    const again = api.asked.slice(before).find(({ plural }) => plural === 'services');
    const newest = (
      await api.request('PUT', '/api/v1/nodes/other', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'other' } })
    ).json;
    expect(newest).toMatchObject({
      metadata: { resourceVersion: String(Number(again?.query.get('resourceVersion')) + 1) },
    });
  });
});

describe('answers', () => {
  test.each([
    { status: 429, retryAfterSeconds: 0.02 },
    { status: 500 },
    { status: 503, retryAfterSeconds: 0.01 },
    { status: 504 },
  ])('$status for lists and watches: retries', async refusal => {
    await put('a');
    api.refuse({ ...refusal, times: 5 });
    const followed = await load();
    expect(followed.names).toEqual(['Service shop/a']);
    api.refuse({ ...refusal, times: 5 });
    api.cut();
    await settled(followed);
    expect(deletes(followed)).toEqual([]);
  });

  test('410 for a watch: lists again, and reports only differences', async () => {
    await put('a');
    await put('b');
    const followed = await load();
    await watching('services');
    await watching('endpointslices');
    api.compact();
    await remove('a');
    await put('c');
    await followed.until(() => has(followed, 'c') && !has(followed, 'a'));
    expect(followed.events).toHaveLength(2);
    expect(followed.happenedOf('lost'), 'not an outage').toEqual([]);
    expect(followed.happenedOf('listed').at(-1)?.why).toBe('too old resource version');
  });

  test.each([1, 2])('410 for a page, %i times in a row: starts the list again', async times => {
    for (let index = 0; index < 10; index += 1) await put(`s-${index}`);
    api.refuse({ status: 410, reason: 'Expired', having: 'continue', times, plural: 'services' });
    const followed = await load({ streamingLists: false, pageSize: 3 });
    expect(followed.names).toHaveLength(10);
    const lists = api.asked.filter(({ plural, query }) => plural === 'services' && !query.has('watch'));
    expect(lists.at(-1)?.query.get('limit')).toBe(times === 1 ? '3' : null);
  });

  test('a response that is not a list', async () => {
    await put('a');
    const followed = await load({ streamingLists: false });
    for (const text of ['{}', 'null', '{"metadata":{"resourceVersion":"9"},"items":[{"metadata":', '<html>']) {
      const lost = followed.happened.length;
      api.faults.listText = text;
      await api.until(() => api.watchesOf('services') === 1 && api.watchesOf('endpointslices') === 1);
      api.compact();
      await followed.until(() => followed.happened.slice(lost).some(({ type }) => type === 'lost'));
      api.faults.behave();
      await followed.until(() => [...followed.source.status.values()].every(({ connected }) => connected));
    }
    expect(deletes(followed)).toEqual([]);
    expect(has(followed, 'a')).toBe(true);
  });

  test('403 for one kind: reports no object until it can list the kind, and reports why', async () => {
    await put('a');
    api.refuse({ status: 403, message: 'endpointslices is forbidden: User "x" cannot list', plural: 'endpointslices' });
    const followed = await start();
    await followed.until(() => followed.happenedOf('refused').length > 0 && followed.happenedOf('listed').length > 0);
    await api.until(() => api.asked.filter(({ plural }) => plural === 'endpointslices').length > 3);
    expect(followed.loaded).toBe(false);
    expect(followed.happenedOf('refused')).toEqual([
      {
        type: 'refused',
        kind: 'EndpointSlice',
        status: 403,
        why: 'endpointslices is forbidden: User "x" cannot list',
        fix: 'allow this user to list and watch endpointslices in all namespaces; "switchboard rbac" prints the ClusterRole',
      },
    ]);
    api.faults.behave();
    await followed.until(() => followed.loaded);
    expect(followed.names).toEqual(['Service shop/a']);
  });
});

test.each([true, false])('has no objects of a kind that the server does not have, follow %s', async follow => {
  const followed = await load({ kinds: ['Service', 'ServiceCIDR'], follow });
  expect(followed.happenedOf('absent')).toEqual([{ type: 'absent', kind: 'ServiceCIDR' }]);
  if (follow) await api.until(() => api.asked.filter(({ plural }) => plural === 'servicecidrs').length > 2);
  expect(followed.happenedOf('absent'), 'reported once').toHaveLength(1);
});

describe('streaming lists', () => {
  test('report nothing when cut before they are complete', async () => {
    for (let index = 0; index < 50; index += 1) await put(`s-${index}`);
    api.faults.bytesAtATime = 50;
    const followed = await start({ kinds: ['Service'] });
    await watching('services');
    api.cut();
    await followed.until(() => followed.happened.length > 0);
    expect(followed.happened[0]?.type).toBe('lost');
    api.faults.behave();
    await followed.until(() => followed.loaded);
    expect(followed.names).toHaveLength(50);
  });

  test('not supported: uses pages from then on', async () => {
    await using old = await ApiServer.start({ streamingLists: false });
    for (let index = 0; index < 7; index += 1) {
      await old.request('PUT', `${SERVICES}/s-${index}`, service({ name: `s-${index}` }));
    }
    await using followed = await Followed.load({ kubeconfig: old.kubeconfig, kinds: ['Service'], pageSize: 3 });
    expect(followed.names).toHaveLength(7);
    expect(followed.happened).toMatchObject([{ type: 'listed', streamed: false }]);
    await old.until(() => old.watchesOf('services') === 1);
    old.compact();
    await followed.until(() => followed.happenedOf('listed').length === 2);
    expect(old.asked.filter(({ query }) => query.has('sendInitialEvents'))).toHaveLength(1);
    const lists = old.asked.filter(({ query }) => !query.has('watch'));
    expect(lists.map(({ query }) => query.get('limit'))).toEqual(['3', '3', '3', '3', '3', '3']);
    expect(lists.every(({ headers }) => headers['accept-encoding'] === 'gzip')).toBe(true);
  });
});

describe('an object that validation rejects', () => {
  test('in part loses that part, with a reason', async () => {
    const body = slice('web', ['10.1.0.1', 'nonsense', '10.1.0.3']);
    await api.request('PUT', `${SLICES}/web-1`, body);
    const followed = await load();
    const read = followed.object('EndpointSlice', 'shop/web-1');
    expect(read).toMatchObject({ endpoints: [{ addresses: ['10.1.0.1'] }, { addresses: ['10.1.0.3'] }] });
    expect(followed.notices).toMatchObject([
      { level: 'warning', where: 'fake', object: 'EndpointSlice shop/web-1', field: 'endpoints[1].addresses[0]' },
    ]);
    await api.request('PUT', `${SLICES}/web-1`, slice('web', ['10.1.0.1', 'nonsense', '10.1.0.4']));
    await settled(followed);
    expect(followed.notices, 'the same fault is reported once').toHaveLength(1);
  });

  test('as a whole keeps its last valid state', async () => {
    await put('a', 80);
    const followed = await load();
    await put('a', 99_999);
    await settled(followed);
    expect(followed.object('Service', 'shop/a')).toMatchObject({ ports: [{ port: 80 }] });
    expect(followed.notices[0]).toMatchObject({ object: 'Service shop/a', field: 'spec.ports[0].port' });
    await put('a', 81);
    await settled(followed);
    expect(followed.object('Service', 'shop/a')).toMatchObject({ ports: [{ port: 81 }] });
  });
});

describe('without `follow`', () => {
  const once = (kubeconfig = api.kubeconfig) =>
    createClusterSource({ kubeconfig, kinds: KINDS, follow: false, timings: QUICK });

  test('lists in pages and does not watch', async () => {
    await put('a');
    const source = await once();
    expect((await source.load()).events).toHaveLength(1);
    await source.close();
    expect(
      api.asked.map(({ plural, query }) => `${plural} ${query.get('limit')} ${query.get('watch')}`).sort(),
    ).toEqual(['endpointslices 500 null', 'services 500 null']);
  });

  test.each([
    [403, /refuses access: services is forbidden/],
    [500, /cannot be read: services is forbidden/],
  ])('throws for %i', async (status, message) => {
    api.refuse({ status, message: 'services is forbidden' });
    const source = await once();
    await expect(source.load()).rejects.toThrow(message);
    await source.close();
  });

  test('throws for a server that does not listen', async () => {
    await api.goAway();
    const source = await once();
    await expect(source.load()).rejects.toThrow(/cannot be read: .*ECONNREFUSED/);
    await source.close();
  });

  test('returns nothing when closed while waiting', async () => {
    api.faults.stalled = true;
    const source = await createClusterSource({ kubeconfig: api.kubeconfig, kinds: KINDS });
    const loading = source.load();
    await api.until(() => api.asked.length === 2);
    await source.close();
    expect(await loading).toEqual({ events: [], notices: [] });
  });
});
