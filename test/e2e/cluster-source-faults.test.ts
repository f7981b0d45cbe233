/**
 * Faults of the connection to the API server: the source keeps its state, loses nothing and reports nothing twice. Runs
 * against a server in this process that misbehaves on demand.
 */
import { describe, expect, test } from 'vitest';
import { type Followed, SERVICES, SLICES, service, slice } from '../../testing/api-server/index.ts';
import { ClusterScene, has } from '../support/cluster-scene.ts';

const scene = new ClusterScene();
const deletes = (followed: Followed) => followed.events.filter(event => event.type === 'delete');

describe('connections', () => {
  test('cut: the watch resumes and reports what happened meanwhile', async () => {
    await scene.put('a');
    const followed = await scene.load();
    scene.api.cut();
    await scene.put('b');
    await scene.remove('a');
    await followed.until(() => has(followed, 'b') && !has(followed, 'a'));
    expect(followed.happenedOf('lost').map(event => event.why)).toContain('the connection was cut');
    await followed.until(() => followed.happenedOf('back').length === followed.happenedOf('lost').length);
    expect(followed.happenedOf('listed'), 'no second list').toHaveLength(2);
  });

  test('cut as soon as they are open, again and again', async () => {
    const followed = await scene.load();
    scene.api.faults.cutsWatches = true;
    const before = scene.api.asked.length;
    scene.api.cut();
    await scene.api.until(() => scene.api.asked.length > before + 12);
    scene.api.faults.behave();
    await scene.put('a');
    await followed.until(() => has(followed, 'a'));
    expect(deletes(followed)).toEqual([]);
  });

  test('none for a while: keeps its state, then reports the difference', async () => {
    await scene.put('a');
    await scene.put('b');
    const followed = await scene.load();
    await scene.api.goAway();
    await followed.until(() => [...followed.source.status.values()].every(({ connected }) => !connected));
    expect(followed.names).toEqual(['Service shop/a', 'Service shop/b']);
    for (const status of followed.source.status.values()) {
      expect(status).toMatchObject({ synced: true, connected: false, lastError: expect.any(String) });
    }
    await scene.remove('a');
    await scene.put('c');
    scene.api.compact();
    await scene.api.comeBack();
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
    await scene.api.goAway();
    const followed = await scene.start();
    await followed.until(() => followed.happenedOf('lost').length === 2);
    expect(followed.loaded).toBe(false);
    await scene.put('a');
    await scene.api.comeBack();
    await followed.until(() => followed.loaded);
    expect(followed.names).toEqual(['Service shop/a']);
  });

  test('silent: reconnects after the timeout', async () => {
    const followed = await scene.load({ timings: { watchSilenceMs: 100 } });
    scene.api.faults.stalled = true;
    await scene.put('a');
    await followed.until(() => followed.happenedOf('lost').length > 0);
    expect(followed.happenedOf('lost')[0]?.why).toBe('silent for 0.1 s');
    scene.api.faults.behave();
    await followed.until(() => has(followed, 'a'));
  });

  test('ended by the server: reports no outage', async () => {
    const followed = await scene.load();
    await scene.watching('services');
    scene.api.endWatches();
    await scene.api.until(() => scene.api.watchesOf('services') === 0);
    await scene.settled(followed);
    expect(followed.happenedOf('lost')).toEqual([]);
  });
});

describe('streams', () => {
  test('garbage: reports it, and lists again without a change', async () => {
    await scene.put('a');
    const followed = await scene.load();
    for (const text of ['<html>Bad Gateway</html>\n', '{"type":"ADDED"}\n', '17\n', '{"type":"NEWS","object":{}}\n']) {
      const listed = followed.happenedOf('listed').length;
      await scene.watching('services');
      scene.api.say('services', text);
      await followed.until(() => followed.happenedOf('listed').length > listed);
    }
    await scene.settled(followed);
    expect(deletes(followed)).toEqual([]);
    expect(
      followed
        .happenedOf('listed')
        .slice(2)
        .map(event => event.changes),
    ).toEqual([0, 0, 0, 0]);
  });

  test('ignores half a line before a cut', async () => {
    const followed = await scene.load();
    await scene.watching('services');
    scene.api.say('services', '{"type":"ADDED","object":{"kind":"Service","metadata":{"name":"half","namesp');
    await scene.api.request('GET', '/');
    scene.api.cut();
    await scene.settled(followed);
    expect(has(followed, 'half')).toBe(false);
  });

  test('ignores a replay', async () => {
    const followed = await scene.load();
    await scene.put('a', 80);
    await scene.put('a', 81);
    await scene.put('b');
    await scene.remove('b');
    await followed.until(() => deletes(followed).length === 1);
    const eventsBefore = followed.events.length;
    scene.api.replay('services', 4);
    await scene.settled(followed);
    expect(followed.events.slice(eventsBefore).filter(event => event.type === 'delete')).toEqual([]);
    expect(followed.events).toHaveLength(eventsBefore + 2);
    expect(has(followed, 'b')).toBe(false);
    expect(followed.object('Service', 'shop/a')).toMatchObject({ ports: [{ port: 81 }] });
  });

  test('reach the same state when collections are out of step', async () => {
    const followed = await scene.load();
    await scene.watching('services');
    scene.api.hold('services');
    await scene.put('web');
    await scene.api.request('PUT', `${SLICES}/web-1`, slice('web', ['10.1.0.1']));
    await followed.until(() => followed.object('EndpointSlice', 'shop/web-1') !== undefined);
    expect(has(followed, 'web')).toBe(false);
    scene.api.release('services');
    await followed.until(() => has(followed, 'web'));
    expect(followed.names).toEqual(['EndpointSlice shop/web-1', 'Service shop/web']);
  });

  test.each([true, false])('seven bytes at a time, streaming lists %s', async streamingLists => {
    const annotations = { 'example.com/note': 'Grüße, 世界 \\" ]}[{,' };
    await scene.api.request('PUT', `${SERVICES}/a`, service({ name: 'a', annotations }));
    await scene.put('b');
    scene.api.faults.bytesAtATime = 7;
    const followed = await scene.load({ streamingLists });
    expect(followed.object('Service', 'shop/a')?.meta.annotations).toEqual(annotations);
    await scene.api.request('PUT', `${SERVICES}/c`, service({ name: 'c', annotations }));
    await followed.until(() => has(followed, 'c'));
    expect(followed.object('Service', 'shop/c')?.meta.annotations).toEqual(annotations);
  });

  test('resume from the last bookmark', async () => {
    const followed = await scene.load();
    await scene.watching('services');
    await scene.put('a');
    await followed.until(() => has(followed, 'a'));
    await scene.api.request('PUT', '/api/v1/nodes/other', {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'other' },
    });
    scene.api.bookmark('services');
    const before = scene.api.asked.length;
    scene.api.endWatches();
    await scene.api.until(() => scene.api.asked.slice(before).some(({ plural }) => plural === 'services'));
    const again = scene.api.asked.slice(before).find(({ plural }) => plural === 'services');
    const newest = (
      await scene.api.request('PUT', '/api/v1/nodes/other', {
        apiVersion: 'v1',
        kind: 'Node',
        metadata: { name: 'other' },
      })
    ).json;
    expect(newest).toMatchObject({
      metadata: { resourceVersion: String(Number(again?.query.get('resourceVersion')) + 1) },
    });
  });
});
