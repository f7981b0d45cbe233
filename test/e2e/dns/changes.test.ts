/**
 * Answers change within the event that changes the objects: a query right after it sees the new state.
 */
import { describe, expect, test } from 'vitest';
import type { ObjectEvent } from '../../../src/kube/index.ts';
import { sets } from '../../support/objects.ts';
import { hear, query, TYPES } from './client.ts';
import { Served } from './serve.ts';
import { WORLD } from './world.ts';

const PEER = (ready: boolean) => `apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: peer-1, namespace: default, labels: { kubernetes.io/service-name: peer } }
addressType: IPv4
ports: [{ name: http, port: 8080 }]
endpoints: [{ addresses: [10.7.0.1], hostname: one, conditions: { ready: ${ready} } }]
---
`;
const HEADLESS = `apiVersion: v1
kind: Service
metadata: { name: peer, namespace: default }
spec: { clusterIP: None, ports: [{ name: http, port: 80 }] }
---
`;
const WITH_ADDRESS = HEADLESS.replace('clusterIP: None', 'clusterIP: 10.96.9.9');

const NAMES: readonly [name: string, type: string][] = [
  ['peer.default.svc.cluster.local', 'A'],
  ['peer.default.svc.cluster.local', 'SRV'],
  ['peer.default.svc.cluster.local', 'TXT'],
  ['one.peer.default.svc.cluster.local', 'A'],
  ['_http._tcp.peer.default.svc.cluster.local', 'SRV'],
  ['_tcp.peer.default.svc.cluster.local', 'A'],
  ['1.0.7.10.in-addr.arpa', 'PTR'],
];

async function rcodes(served: Served, names = NAMES): Promise<string[]> {
  const client = served.udp();
  const heard: string[] = [];
  for (const [name, type] of names) heard.push(hear(await client.ask(query(name, { type: TYPES[type] ?? 0 }))).rcode);
  return heard;
}

const all = (rcode: string) => NAMES.map(() => rcode);

test('every name of a headless Service appears and disappears with its only endpoint', async () => {
  const served = await Served.start(WORLD + HEADLESS + PEER(true));
  expect(await rcodes(served)).toEqual(all('NOERROR'));
  served.take(sets(PEER(false)));
  expect(await rcodes(served)).toEqual(all('NXDOMAIN'));
  served.take(sets(PEER(true)));
  expect(await rcodes(served)).toEqual(all('NOERROR'));
  served.take([{ type: 'delete', kind: 'EndpointSlice', namespace: 'default', name: 'peer-1' }]);
  expect(await rcodes(served)).toEqual(all('NXDOMAIN'));
  await served.close();
});

test("a Service with a cluster IP keeps its names when its endpoint is not ready, but not the endpoint's", async () => {
  const served = await Served.start(WORLD + WITH_ADDRESS + PEER(true));
  expect(await rcodes(served)).toEqual(all('NOERROR'));
  served.take(sets(PEER(false)));
  expect(await rcodes(served)).toEqual(['NOERROR', 'NOERROR', 'NOERROR', 'NXDOMAIN', 'NOERROR', 'NOERROR', 'NXDOMAIN']);
  served.take([{ type: 'delete', kind: 'Service', namespace: 'default', name: 'peer' }]);
  expect(await rcodes(served)).toEqual(all('NXDOMAIN'));
  await served.close();
});

test('a pod that becomes unready loses its StatefulSet name', async () => {
  const served = await Served.start(WORLD);
  const client = served.udp();
  const name = query('mysql-1.mysql.sql.svc.cluster.local');
  expect(hear(await client.ask(name)).answers).toHaveLength(1);
  const pod = served.store.pod('sql/mysql-1');
  if (pod === undefined) throw new Error('no such pod');
  served.take([{ type: 'set', object: { ...pod, status: { ...pod.status, conditions: [] } } }]);
  expect(hear(await client.ask(name)).rcode).toBe('NXDOMAIN');
  expect(hear(await client.ask(query('10-2-0-11.peers.sql.svc.cluster.local'))).answers).toHaveLength(1);
  await served.close();
});

test('an ExternalName Service follows changes of its target', async () => {
  const served = await Served.start(WORLD);
  const client = served.udp();
  const last = async () => hear(await client.ask(query('chain.default.svc.cluster.local'))).answers.at(-1);
  expect(await last()).toBe('web.default.svc.cluster.local A 10.96.0.10');
  const service = served.store.service('default/web');
  if (service === undefined) throw new Error('no such Service');
  served.take([{ type: 'set', object: { ...service, clusterIPs: ['10.96.0.11'] } }]);
  expect(await last()).toBe('web.default.svc.cluster.local A 10.96.0.11');
  await served.close();
});

test('a namespace exists while it contains an object', async () => {
  const served = await Served.start(WORLD);
  const client = served.udp();
  const rcode = async () => hear(await client.ask(query('fresh.svc.cluster.local'))).rcode;
  const object = sets('apiVersion: v1\nkind: ConfigMap\nmetadata: { name: some, namespace: fresh }\n');
  expect(await rcode()).toBe('NXDOMAIN');
  served.take(object);
  expect(await rcode()).toBe('NOERROR');
  served.take([{ type: 'delete', kind: 'ConfigMap', namespace: 'fresh', name: 'some' }]);
  expect(await rcode()).toBe('NXDOMAIN');
  await served.close();
});

test('a pod has a name until it is deleted', async () => {
  const served = await Served.start(WORLD);
  const client = served.udp();
  const rcode = async () => hear(await client.ask(query('10-2-1-5.apps.pod.cluster.local'))).rcode;
  expect(await rcode()).toBe('NOERROR');
  served.take([{ type: 'delete', kind: 'Pod', namespace: 'apps', name: 'plain' }]);
  expect(await rcode()).toBe('NXDOMAIN');
  await served.close();
});

test('a terminating pod has no name, and another pod may have its address', async () => {
  const served = await Served.start(WORLD);
  const client = served.udp();
  const rcode = async () => hear(await client.ask(query('10-2-1-5.apps.pod.cluster.local'))).rcode;
  const pod = served.store.pod('apps/plain');
  if (pod === undefined) throw new Error('no such pod');
  const deletionTimestamp = '2026-01-02T00:00:00Z';
  served.take([{ type: 'set', object: { ...pod, meta: { ...pod.meta, deletionTimestamp } } }]);
  expect(await rcode()).toBe('NXDOMAIN');
  served.take([{ type: 'set', object: { ...pod, meta: { ...pod.meta, name: 'successor' } } }]);
  expect(await rcode()).toBe('NOERROR');
  served.take([{ type: 'delete', kind: 'Pod', namespace: 'apps', name: 'plain' }]);
  expect(await rcode()).toBe('NOERROR');
  await served.close();
});

describe('before the first update', () => {
  test('answers SERVFAIL for our names, and not NXDOMAIN, which clients cache', async () => {
    const served = await Served.start(undefined);
    const client = served.udp();
    const ask = async (name: string, type: string) => hear(await client.ask(query(name, { type: TYPES[type] ?? 0 })));
    expect((await ask('web.default.svc.cluster.local', 'A')).rcode).toBe('SERVFAIL');
    expect((await ask('svc.cluster.local', 'A')).rcode).toBe('SERVFAIL');
    expect((await ask('dns-version.cluster.local', 'TXT')).rcode).toBe('NOERROR');
    expect((await ask('cluster.local', 'SOA')).rcode).toBe('NOERROR');
    expect((await ask('localhost', 'A')).rcode).toBe('NOERROR');
    served.take(sets(WORLD));
    expect((await ask('web.default.svc.cluster.local', 'A')).answers).toHaveLength(1);
    expect((await ask('nothing.default.svc.cluster.local', 'A')).rcode).toBe('NXDOMAIN');
    await served.close();
  });
});

test('answers depend only on the current objects and not on their history', async () => {
  const events: ObjectEvent[] = sets(WORLD);
  const straight = await Served.start(WORLD);
  const winding = await Served.start(undefined);
  winding.take(events.slice().reverse());
  winding.take(events.filter((_, index) => index % 3 === 0).map(deletionOf));
  winding.take(events);
  for (const [name, type] of [...NAMES, ...EVERYWHERE]) {
    const message = query(name, { type: TYPES[type] ?? 0 });
    const [a, b] = [hear(await straight.udp().ask(message)), hear(await winding.udp().ask(message))];
    expect([...b.answers].sort(), name).toEqual([...a.answers].sort());
    expect(b.rcode, name).toBe(a.rcode);
  }
  await straight.close();
  await winding.close();
});

const EVERYWHERE: readonly [name: string, type: string][] = [
  ['web.default.svc.cluster.local', 'A'],
  ['db.data.svc.cluster.local', 'SRV'],
  ['1.1.1.10.in-addr.arpa', 'PTR'],
  ['0.96.10.in-addr.arpa', 'PTR'],
  ['10-2-1-5.apps.pod.cluster.local', 'A'],
  ['mysql.sql.svc.cluster.local', 'A'],
  ['bare.svc.cluster.local', 'A'],
];

function deletionOf(event: ObjectEvent): ObjectEvent {
  if (event.type === 'delete') return event;
  const { kind, meta } = event.object;
  return { type: 'delete', kind, namespace: meta.namespace, name: meta.name };
}
