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
  /** Whether the answer was one that is kept. */
  const wasKept = (name: string) => {
    const before = [...dns.statistics.counts()].reduce((sum, count) => sum + count.cached, 0);
    ask(name);
    return [...dns.statistics.counts()].reduce((sum, count) => sum + count.cached, 0) > before;
  };
  return { take, wasKept };
}

const WEB = 'web.default.svc.cluster.local';
const API = 'api.default.svc.cluster.local';
const NONE = 'none.default.svc.cluster.local';

test('a change of one Service costs the kept answers of that Service, and those that say what is not there', () => {
  const { take, wasKept } = world(service('web', '10.96.0.1') + service('api', '10.96.0.2'));
  for (const name of [WEB, API, NONE]) expect(wasKept(name), name).toBe(false);
  for (const name of [WEB, API, NONE]) expect(wasKept(name), name).toBe(true);
  take(service('web', '10.96.0.3'));
  expect([WEB, API, NONE].map(wasKept)).toEqual([false, true, false]);
});

test('objects that say nothing new cost nothing', () => {
  const { take, wasKept } = world(service('web', '10.96.0.1'));
  wasKept(NONE);
  take(service('web', '10.96.0.1'));
  expect(wasKept(NONE)).toBe(true);
});

test('case does not matter to what is kept', () => {
  const { wasKept } = world(service('web', '10.96.0.1'));
  wasKept(WEB);
  expect(wasKept(WEB.toUpperCase())).toBe(true);
});
