/**
 * The memory of DNS for each Service, without the store: `node --expose-gc bench/dns/memory.ts 30000 2`, Services and
 * endpoints of each. Prints bytes per Service: before any query, and after one query for each name.
 */
import { createDns } from '../../src/dns/index.ts';
import type { ObjectEvent } from '../../src/kube/index.ts';
import { parseManifest } from '../../src/kube/manifest/index.ts';
import { ObjectStore } from '../../src/world/index.ts';

const [SERVICES = 30_000, ENDPOINTS = 2] = process.argv.slice(2).map(Number);

function address(index: number): string {
  return `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`;
}

function manifestOf(index: number): string {
  const endpoints = Array.from({ length: ENDPOINTS }, (_, at) => `{ addresses: [${address(index * ENDPOINTS + at)}] }`);
  return `apiVersion: v1
kind: Service
metadata: { name: svc-${index}, namespace: ns-${index % 50} }
spec: { clusterIP: ${address(0x600000 + index)}, ports: [{ name: http, port: 80 }] }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: svc-${index}-1, namespace: ns-${index % 50}, labels: { kubernetes.io/service-name: svc-${index} } }
addressType: IPv4
ports: [{ name: http, port: 8080 }]
endpoints: [${endpoints.join(', ')}]
---
`;
}

function question(index: number): Buffer {
  const labels = [`svc-${index}`, `ns-${index % 50}`, 'svc', 'cluster', 'local'];
  const name = labels.map(label => `${String.fromCharCode(label.length)}${label}`).join('');
  return Buffer.from(`\0\x01\x01\0\0\x01\0\0\0\0\0\0${name}\0\0\x01\0\x01`, 'latin1');
}

/** Bytes in use in the heap and in buffers. */
function used(): number {
  for (let round = 0; round < 4; round++) globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const events: ObjectEvent[] = [];
const STEP = 500;
for (let first = 0; first < SERVICES; first += STEP) {
  const text = Array.from({ length: Math.min(STEP, SERVICES - first) }, (_, at) => manifestOf(first + at)).join('');
  events.push(
    ...parseManifest(text, { defaultNamespace: 'default', primaryFamily: 'IPv4' }).objects.map(
      ({ object }) => ({ type: 'set', object }) as const,
    ),
  );
}
const store = new ObjectStore();
const touched = store.apply(events);

const before = used();
const dns = createDns({ store });
dns.update(events, touched);
const idle = used();
for (let index = 0; index < SERVICES; index++) dns.responder.respond(question(index), 'udp');
const queried = used();
const rounded = (bytes: number) => Math.round(bytes / SERVICES);
process.stdout.write(`${JSON.stringify({ idle: rounded(idle - before), queried: rounded(queried - before) })}\n`);
await dns.close();
