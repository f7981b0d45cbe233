/** What `switchboard node` measures under kube-proxy's names, beside kube-proxy itself over the same Services. */
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { controlPlaneMissing } from '../../testing/control-plane/index.ts';
import { Lab } from '../../testing/lab/lab.ts';
import { labMissing } from '../../testing/lab/tools.ts';
import { KubeProxy } from '../conformance/runners/kube-proxy.ts';

const MAIN = resolve(import.meta.dirname, '../../src/cli/main.ts');
const LIMIT_MS = 120_000;
const missing = labMissing() ?? controlPlaneMissing();

describe.skipIf(missing !== undefined)(missing === undefined ? 'metrics' : `metrics (skipped: ${missing})`, () => {
  it(
    'have the names and the labels of kube-proxy, and count the same',
    async () => {
      const upstream = await metricsOf(lab => KubeProxy.create(lab));
      const ours = await metricsOf(lab => KubeProxy.of(lab, [process.execPath, MAIN, 'node']));
      // A counter with labels is told of upstream only once it has counted.
      const silent = ['nftables_sync_failures_total', 'network_programming_duration_seconds'];
      for (const [name, { labels, value }] of ours) {
        if (silent.some(part => name.includes(part)) || /healthz|livez/.test(name)) continue;
        const there = upstream.get(name);
        expect(there?.labels, name).toEqual(labels);
        if (COUNTS.test(name)) expect({ name, value }).toEqual({ name, value: there?.value });
      }
      expect([...ours.keys()].filter(name => COUNTS.test(name))).toHaveLength(5);
    },
    LIMIT_MS * 2,
  );
});

/** Those that tell of the cluster, and not of how fast somebody is. */
const COUNTS = /_(endpoint|service)_changes_(total|pending)$|_no_local_endpoints_total$/;

interface Metric {
  /** The names of the labels of all its series. */
  readonly labels: readonly string[];
  /** Of all its series together. */
  readonly value: number;
}

/** What the proxy says after it has programmed a Service with endpoints here, and one with none. */
async function metricsOf(open: (lab: Lab) => Promise<KubeProxy>): Promise<Map<string, Metric>> {
  await using lab = await Lab.create();
  for (const pod of ['a1', 'a2']) await lab.host(pod).serve({ tcp: [8080], udp: [] });
  await using proxy = await open(lab);
  await proxy.objects.namespace('shop');
  for (const name of ['web', 'elsewhere']) {
    await proxy.objects.set('shop', service(name, name === 'web' ? 'Cluster' : 'Local'));
    await proxy.objects.set('shop', slice(name));
  }
  await proxy.start('standard');
  await proxy.settled();
  const { stdout } = await lab.node.run(['curl', '-s', '--max-time', '5', 'http://127.0.0.1:10249/metrics']);
  const found = new Map<string, Metric>();
  for (const [, name = '', text = '', value = ''] of stdout.matchAll(/^(kubeproxy_\w+)(?:\{([^}]*)\})? (\S+)$/gm)) {
    const labels = [...text.matchAll(/(\w+)=/g)].map(match => match[1] ?? '').sort();
    const before = found.get(name);
    found.set(name, { labels, value: (before?.value ?? 0) + Number(value) });
  }
  return found;
}

function service(name: string, internalTrafficPolicy: string) {
  const spec = { ports: [{ port: 80, name: 'http' }], internalTrafficPolicy };
  return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec };
}

function slice(name: string) {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    endpoints: [{ addresses: ['10.180.1.11'], nodeName: 'node2', conditions: { ready: true } }],
  };
}
