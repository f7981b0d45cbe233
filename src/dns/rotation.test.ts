/** The order of addresses in answers, which spreads clients that take the first one. */
import { decode } from 'dns-packet';
import { expect, test } from 'vitest';
import { query } from '../../test/e2e/dns/client.ts';
import { sets } from '../../test/support/objects.ts';
import { ObjectStore } from '../world/index.ts';
import { Directory } from './directory/directory.ts';
import { LocalAnswerSource } from './local-answer-source.ts';
import { Lookup } from './lookup.ts';
import { Zones } from './names/name.ts';
import { DEFAULT_RECORD_OPTIONS } from './record-options.ts';
import { Responder } from './responder.ts';
import { DnsStatistics } from './statistics.ts';

const ZONE = 'default.svc.cluster.local';

/** The headless Service `many`, and `alias`, which leads to it. */
const world = (pods: number) => `apiVersion: v1
kind: Service
metadata: { name: many }
spec: { clusterIP: None, ports: [{ name: http, port: 80 }] }
---
apiVersion: v1
kind: Service
metadata: { name: alias }
spec: { type: ExternalName, externalName: many.${ZONE} }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: many-1, labels: { kubernetes.io/service-name: many } }
addressType: IPv4
ports: [{ name: http, port: 80 }]
endpoints: [${Array.from({ length: pods }, (_, pod) => `{ addresses: [10.0.0.${pod + 1}] }`).join(', ')}]
`;

function serving(pods: number) {
  const clock = { now: 0 };
  const store = new ObjectStore();
  const directory = new Directory({ store, options: DEFAULT_RECORD_OPTIONS, now: () => 0 });
  const events = sets(world(pods));
  directory.update(events, store.apply(events));
  const statistics = new DnsStatistics();
  const lookup = new Lookup({ directory, zones: new Zones([]), policy: { forwarding: false, ownZones: [] } });
  const source = new LocalAnswerSource({ directory, lookup, resolver: undefined, statistics });
  const responder = new Responder({ source, epochs: directory.epochs, statistics, now: () => clock.now });
  const addressesOf = (name: string): string[] => {
    const response = responder.respond(query(name), 'udp');
    const { answers = [] } = response instanceof Buffer ? decode(response) : {};
    return answers.flatMap(answer => (answer.type === 'A' ? [answer.data] : []));
  };
  return { clock, addressesOf };
}

test.each(['many', 'alias'])('every address of %s comes first in turn, and none is lost', name => {
  const { addressesOf } = serving(12);
  const answers = Array.from({ length: 12 }, () => addressesOf(`${name}.${ZONE}`));
  expect(new Set(answers.map(([first]) => first)).size).toBe(12);
  for (const addresses of answers) expect(new Set(addresses).size).toBe(12);
});

test('an answer without room for all addresses has other ones after a second', () => {
  const { clock, addressesOf } = serving(60);
  const seen = new Set<string>();
  for (; seen.size < 60 && clock.now < 60_000; clock.now += 1000) {
    const addresses = addressesOf(`many.${ZONE}`);
    expect(addresses.length).toBeGreaterThan(20);
    expect(new Set(addressesOf(`many.${ZONE}`))).toEqual(new Set(addresses));
    for (const address of addresses) seen.add(address);
  }
  expect(seen.size).toBe(60);
});
