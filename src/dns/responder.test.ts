import { expect, test } from 'vitest';
import { query } from '../../test/e2e/dns/client.ts';
import { sets } from '../../test/support/objects.ts';
import { ObjectStore } from '../world/index.ts';
import { createDns } from './dns.ts';

const service = (name: string, address: string) => `apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: { clusterIP: ${address}, ports: [{ name: http, port: 80 }] }
---
`;

function world(yaml: string) {
  const store = new ObjectStore();
  const dns = createDns({ store });
  const take = (text: string) => {
    const events = sets(text);
    dns.update(events, store.apply(events));
  };
  take(yaml);
  const ask = (name: string) => dns.responder.respond(query(name), 'udp');
  /** Whether the answer came from the cache. */
  const wasCached = (name: string) => {
    const before = [...dns.statistics.counts()].reduce((sum, count) => sum + count.cached, 0);
    ask(name);
    return [...dns.statistics.counts()].reduce((sum, count) => sum + count.cached, 0) > before;
  };
  return { take, wasCached };
}

const WEB = 'web.default.svc.cluster.local';
const API = 'api.default.svc.cluster.local';
const NONE = 'none.default.svc.cluster.local';

test('a change of a Service invalidates its cached answers, and all negative ones', () => {
  const { take, wasCached } = world(service('web', '10.96.0.1') + service('api', '10.96.0.2'));
  for (const name of [WEB, API, NONE]) expect(wasCached(name), name).toBe(false);
  for (const name of [WEB, API, NONE]) expect(wasCached(name), name).toBe(true);
  take(service('web', '10.96.0.3'));
  expect([WEB, API, NONE].map(wasCached)).toEqual([false, true, false]);
});

test('an update without a change invalidates nothing', () => {
  const { take, wasCached } = world(service('web', '10.96.0.1'));
  wasCached(NONE);
  take(service('web', '10.96.0.1'));
  expect(wasCached(NONE)).toBe(true);
});

test('the cache ignores case', () => {
  const { wasCached } = world(service('web', '10.96.0.1'));
  wasCached(WEB);
  expect(wasCached(WEB.toUpperCase())).toBe(true);
});
