/** Compares the metrics that `switchboard node` serves under kube-proxy's names with those of kube-proxy itself. */
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
    'have the names, the labels and the counts of kube-proxy',
    async () => {
      const upstream = await metricsOf(lab => KubeProxy.create(lab));
      const switchboard = await metricsOf(lab => KubeProxy.of(lab, [process.execPath, MAIN, 'node']));
      // kube-proxy reports a counter with labels only once it has counted.
      const silent = ['nftables_sync_failures_total', 'network_programming_duration_seconds'];
      for (const [name, { labels, value }] of switchboard) {
        if (silent.some(part => name.includes(part)) || /healthz|livez/.test(name)) continue;
        const there = upstream.get(name);
        expect(there?.labels, name).toEqual(labels);
        if (COUNTS.test(name)) expect({ name, value }).toEqual({ name, value: there?.value });
      }
      expect([...switchboard.keys()].filter(name => COUNTS.test(name))).toHaveLength(5);
    },
    LIMIT_MS * 2,
  );
});

/** Metrics that depend on the cluster, and not on the speed of the proxy. */
const COUNTS = /_(endpoint|service)_changes_(total|pending)$|_no_local_endpoints_total$/;

interface Metric {
  /** The label names of all its series. */
  readonly labels: readonly string[];
  /** The sum over all its series. */
  readonly value: number;
}

/** The proxy's metrics after it has programmed one Service with local endpoints and one without endpoints. */
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
