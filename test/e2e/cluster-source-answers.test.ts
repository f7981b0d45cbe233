/** Answers of the API server that are errors, incomplete or invalid: the source keeps its state and reports why. */
import { describe, expect, test } from 'vitest';
import { createClusterSource } from '../../src/sources/cluster/index.ts';
import { ApiServer, Followed, QUICK, SERVICES, SLICES, service, slice } from '../../testing/api-server/index.ts';
import { ClusterScene, has, KINDS } from '../support/cluster-scene.ts';

const scene = new ClusterScene();
const deletes = (followed: Followed) => followed.events.filter(event => event.type === 'delete');

describe('answers', () => {
  test.each([
    { status: 429, retryAfterSeconds: 0.02 },
    { status: 500 },
    { status: 503, retryAfterSeconds: 0.01 },
    { status: 504 },
  ])('$status for lists and watches: retries', async refusal => {
    await scene.put('a');
    scene.api.refuse({ ...refusal, times: 5 });
    const followed = await scene.load();
    expect(followed.names).toEqual(['Service shop/a']);
    scene.api.refuse({ ...refusal, times: 5 });
    scene.api.cut();
    await scene.settled(followed);
    expect(deletes(followed)).toEqual([]);
  });

  test('410 for a watch: lists again, and reports only differences', async () => {
    await scene.put('a');
    await scene.put('b');
    const followed = await scene.load();
    await scene.watching('services');
    await scene.watching('endpointslices');
    scene.api.compact();
    await scene.remove('a');
    await scene.put('c');
    await followed.until(() => has(followed, 'c') && !has(followed, 'a'));
    expect(followed.events).toHaveLength(2);
    expect(followed.happenedOf('lost'), 'not an outage').toEqual([]);
    expect(followed.happenedOf('listed').at(-1)?.why).toBe('too old resource version');
  });

  test.each([1, 2])('410 for a page, %i times in a row: starts the list again', async times => {
    for (let index = 0; index < 10; index += 1) await scene.put(`s-${index}`);
    scene.api.refuse({ status: 410, reason: 'Expired', having: 'continue', times, plural: 'services' });
    const followed = await scene.load({ streamingLists: false, pageSize: 3 });
    expect(followed.names).toHaveLength(10);
    const lists = scene.api.asked.filter(({ plural, query }) => plural === 'services' && !query.has('watch'));
    expect(lists.at(-1)?.query.get('limit')).toBe(times === 1 ? '3' : null);
  });

  test('a response that is not a list', async () => {
    await scene.put('a');
    const followed = await scene.load({ streamingLists: false });
    for (const text of ['{}', 'null', '{"metadata":{"resourceVersion":"9"},"items":[{"metadata":', '<html>']) {
      const lost = followed.happened.length;
      scene.api.faults.listText = text;
      await scene.api.until(() => scene.api.watchesOf('services') === 1 && scene.api.watchesOf('endpointslices') === 1);
      scene.api.compact();
      await followed.until(() => followed.happened.slice(lost).some(({ type }) => type === 'lost'));
      scene.api.faults.behave();
      await followed.until(() => [...followed.source.status.values()].every(({ connected }) => connected));
    }
    expect(deletes(followed)).toEqual([]);
    expect(has(followed, 'a')).toBe(true);
  });

  test('403 for one kind: reports no object until it can list the kind, and reports why', async () => {
    await scene.put('a');
    scene.api.refuse({
      status: 403,
      message: 'endpointslices is forbidden: User "x" cannot list',
      plural: 'endpointslices',
    });
    const followed = await scene.start();
    await followed.until(() => followed.happenedOf('refused').length > 0 && followed.happenedOf('listed').length > 0);
    await scene.api.until(() => scene.api.asked.filter(({ plural }) => plural === 'endpointslices').length > 3);
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
    scene.api.faults.behave();
    await followed.until(() => followed.loaded);
    expect(followed.names).toEqual(['Service shop/a']);
  });
});

test.each([true, false])('has no objects of a kind that the server does not have, follow %s', async follow => {
  const followed = await scene.load({ kinds: ['Service', 'ServiceCIDR'], follow });
  expect(followed.happenedOf('absent')).toEqual([{ type: 'absent', kind: 'ServiceCIDR' }]);
  if (follow) await scene.api.until(() => scene.api.asked.filter(({ plural }) => plural === 'servicecidrs').length > 2);
  expect(followed.happenedOf('absent'), 'reported once').toHaveLength(1);
});

describe('streaming lists', () => {
  test('report nothing when cut before they are complete', async () => {
    for (let index = 0; index < 50; index += 1) await scene.put(`s-${index}`);
    scene.api.faults.bytesAtATime = 50;
    const followed = await scene.start({ kinds: ['Service'] });
    await scene.watching('services');
    scene.api.cut();
    await followed.until(() => followed.happened.length > 0);
    expect(followed.happened[0]?.type).toBe('lost');
    scene.api.faults.behave();
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
    await scene.api.request('PUT', `${SLICES}/web-1`, body);
    const followed = await scene.load();
    const read = followed.object('EndpointSlice', 'shop/web-1');
    expect(read).toMatchObject({ endpoints: [{ addresses: ['10.1.0.1'] }, { addresses: ['10.1.0.3'] }] });
    expect(followed.notices).toMatchObject([
      { level: 'warning', where: 'fake', object: 'EndpointSlice shop/web-1', field: 'endpoints[1].addresses[0]' },
    ]);
    await scene.api.request('PUT', `${SLICES}/web-1`, slice('web', ['10.1.0.1', 'nonsense', '10.1.0.4']));
    await scene.settled(followed);
    expect(followed.notices, 'the same fault is reported once').toHaveLength(1);
  });

  test('as a whole keeps its last valid state', async () => {
    await scene.put('a', 80);
    const followed = await scene.load();
    await scene.put('a', 99_999);
    await scene.settled(followed);
    expect(followed.object('Service', 'shop/a')).toMatchObject({ ports: [{ port: 80 }] });
    expect(followed.notices[0]).toMatchObject({ object: 'Service shop/a', field: 'spec.ports[0].port' });
    await scene.put('a', 81);
    await scene.settled(followed);
    expect(followed.object('Service', 'shop/a')).toMatchObject({ ports: [{ port: 81 }] });
  });
});

describe('without `follow`', () => {
  const once = (kubeconfig = scene.api.kubeconfig) =>
    createClusterSource({ kubeconfig, kinds: KINDS, follow: false, timings: QUICK });

  test('lists in pages and does not watch', async () => {
    await scene.put('a');
    const source = await once();
    expect((await source.load()).events).toHaveLength(1);
    await source.close();
    expect(
      scene.api.asked.map(({ plural, query }) => `${plural} ${query.get('limit')} ${query.get('watch')}`).sort(),
    ).toEqual(['endpointslices 500 null', 'services 500 null']);
  });

  test.each([
    [403, /refuses access: services is forbidden/],
    [500, /cannot be read: services is forbidden/],
  ])('throws for %i', async (status, message) => {
    scene.api.refuse({ status, message: 'services is forbidden' });
    const source = await once();
    await expect(source.load()).rejects.toThrow(message);
    await source.close();
  });

  test('throws for a server that does not listen', async () => {
    await scene.api.goAway();
    const source = await once();
    await expect(source.load()).rejects.toThrow(/cannot be read: .*ECONNREFUSED/);
    await source.close();
  });

  test('returns nothing when closed while waiting', async () => {
    scene.api.faults.stalled = true;
    const source = await createClusterSource({ kubeconfig: scene.api.kubeconfig, kinds: KINDS });
    const loading = source.load();
    await scene.api.until(() => scene.api.asked.length === 2);
    await source.close();
    expect(await loading).toEqual({ events: [], notices: [] });
  });
});
