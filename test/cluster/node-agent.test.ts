/** `switchboard node` on a node of the lab, following a real API server: health, metrics, and behaviour on faults. */

import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { controlPlaneMissing } from '../../testing/control-plane/index.ts';
import { eventually } from '../../testing/eventually.ts';
import { Lab } from '../../testing/lab/lab.ts';
import { labMissing } from '../../testing/lab/tools.ts';
import { KubeProxy } from '../conformance/runners/kube-proxy.ts';
import { KUBEADM_CONFIG } from '../support/kubeadm-config.ts';

const MAIN = resolve(import.meta.dirname, '../../src/cli/main.ts');
const WITHIN_MS = 20_000;
const HEALTH_PORT = 32_123;
const missing = labMissing() ?? controlPlaneMissing();

describe.skipIf(missing !== undefined)(
  missing === undefined ? 'switchboard node' : `switchboard node (skipped: ${missing})`,
  () => {
    let lab: Lab;
    let agent: KubeProxy;
    let clusterIP: string;

    beforeAll(async () => {
      lab = await Lab.create();
      await Promise.all(['a1', 'a2', 'b1'].map(pod => lab.host(pod).serve({ tcp: [8080], udp: [] })));
      agent = await KubeProxy.of(lab, [process.execPath, MAIN, 'node']);
      await agent.objects.namespace('shop');
      await agent.objects.set('shop', service({ ports: [{ port: 80, name: 'http' }] }));
      const { json } = await agent.controlPlane.request('GET', '/api/v1/namespaces/shop/services/web');
      clusterIP = String(field(field(json, 'spec'), 'clusterIP'));
      await endpoints('a1');
      await agent.start('standard');
      await eventually('the first rules', async () => (await dialled()) === 'a1', { withinMs: WITHIN_MS });
    }, 120_000);

    afterAll(async () => {
      await agent?.[Symbol.asyncDispose]();
      await lab?.close();
    });

    async function endpoints(...pods: readonly string[]): Promise<void> {
      await agent.objects.set(
        'shop',
        slice(pods, pod => lab.host(pod).address('IPv4')),
      );
    }

    /** The pod that answers on the Service, or how the dial ends. */
    async function dialled(): Promise<string> {
      const [answer] = await lab.host('a3').dial([{ to: clusterIP, port: 80, protocol: 'TCP', timeoutMs: 1_000 }]);
      return answer?.kind === 'answer' ? answer.host : (answer?.kind ?? 'nothing');
    }

    async function get(port: number, path: string, host = '127.0.0.1') {
      const { stdout } = await lab.node.run(['curl', '-s', '-i', '--max-time', '3', `http://${host}:${port}${path}`]);
      const [head = '', body = ''] = stdout.split('\r\n\r\n');
      return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1] ?? 0), head, body };
    }

    it('answers /healthz, /livez, /readyz and /proxyMode as kube-proxy does', async () => {
      const health = await get(10_256, '/healthz');
      expect(health.status).toBe(200);
      expect(JSON.parse(health.body)).toMatchObject({
        nodeEligible: true,
        healthy: true,
        lastUpdated: expect.any(String),
      });
      expect((await get(10_256, '/livez')).status).toBe(200);
      expect((await get(10_249, '/readyz')).status).toBe(200);
      expect(await get(10_249, '/proxyMode')).toMatchObject({ status: 200, body: 'nftables' });
      expect((await get(10_256, '/nonsense')).status).toBe(404);
    });

    it('serves kube-proxy’s metrics, and has no pending changes', async () => {
      const { body } = await get(10_249, '/metrics');
      for (const name of [
        'kubeproxy_sync_proxy_rules_duration_seconds_count',
        'kubeproxy_network_programming_duration_seconds_bucket{le="0.25"',
        'kubeproxy_sync_proxy_rules_last_timestamp_seconds',
        'kubeproxy_sync_proxy_rules_endpoint_changes_total',
        'switchboard_oldest_unprogrammed_change_seconds 0',
      ]) {
        expect(body).toContain(name);
      }
      expect(Number(/^switchboard_routes (\d+)$/m.exec(body)?.[1])).toBeGreaterThan(0);
    });

    it('reports a node that the autoscaler will remove as not eligible, but alive', async () => {
      const path = `/api/v1/nodes/${lab.node.name}`;
      const taint = { key: 'ToBeDeletedByClusterAutoscaler', effect: 'NoSchedule' };
      await agent.controlPlane.request('PATCH', path, { spec: { taints: [taint] } });
      await eventually('503', async () => (await get(10_256, '/healthz')).status === 503, { withinMs: WITHIN_MS });
      expect((await get(10_256, '/livez')).status).toBe(200);
      await agent.controlPlane.request('PATCH', path, { spec: { taints: null } });
      await eventually('200 again', async () => (await get(10_256, '/healthz')).status === 200, {
        withinMs: WITHIN_MS,
      });
    });

    it('answers load balancers on healthCheckNodePort: 200 with a local endpoint, 503 without', async () => {
      const host = lab.node.address('IPv4');
      const balanced = {
        type: 'LoadBalancer',
        externalTrafficPolicy: 'Local',
        healthCheckNodePort: HEALTH_PORT,
        ports: [{ port: 81, name: 'http' }],
      };
      await agent.objects.set('shop', service(balanced, 'balanced'));
      const place = (pod: string) =>
        agent.objects.set(
          'shop',
          slice([pod], name => lab.host(name).address('IPv4'), 'balanced'),
        );
      await place('a1');
      await eventually('200', async () => (await get(HEALTH_PORT, '/', host)).status === 200, { withinMs: WITHIN_MS });
      const answer = await get(HEALTH_PORT, '/', host);
      expect(answer.head).toMatch(/x-load-balancing-endpoint-weight: 1/i);
      expect(answer.head).toMatch(/x-content-type-options: nosniff/i);
      expect(JSON.parse(answer.body)).toEqual({
        service: { namespace: 'shop', name: 'balanced' },
        localEndpoints: 1,
        serviceProxyHealthy: true,
      });
      await place('b1');
      await eventually('503', async () => (await get(HEALTH_PORT, '/', host)).status === 503, { withinMs: WITHIN_MS });
      await agent.objects.delete('shop', 'Service', 'balanced');
      await eventually('closed', async () => (await get(HEALTH_PORT, '/', host)).status === 0, { withinMs: WITHIN_MS });
    });

    it('keeps its routes while the API server restarts, and follows the cluster again after it', async () => {
      await agent.controlPlane.restartApiServer();
      expect(await dialled()).toBe('a1');
      expect((await get(10_256, '/healthz')).status).toBe(200);
      await endpoints('a2');
      await eventually('the change', async () => (await dialled()) === 'a2', { withinMs: WITHIN_MS });
    });

    it('leaves traffic alone when it is killed, and applies missed changes when it starts again', async () => {
      const ended = agent.child === undefined ? undefined : once(agent.child, 'exit');
      agent.child?.kill('SIGKILL');
      await ended;
      expect(await dialled()).toBe('a2');
      await endpoints('a1');
      expect(await dialled()).toBe('a2');
      await agent.start('standard');
      await eventually('the change', async () => (await dialled()) === 'a1', { withinMs: WITHIN_MS });
    });

    it('exits with code 0 on SIGTERM and leaves its rules', async () => {
      const { child } = agent;
      if (child === undefined) throw new Error('the agent is not running');
      await eventually('ready', async () => (await get(10_249, '/readyz')).status === 200, { withinMs: WITHIN_MS });
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      expect((await ended)[0]).toBe(0);
      expect(await dialled()).toBe('a1');
    });

    it('starts from the ConfigMap that kubeadm writes, and follows the cluster', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'switchboard-kubeadm-'));
      const config = join(folder, 'config.conf');
      // In a pod the file is where the ConfigMap says; here its path differs.
      const kubeadm = KUBEADM_CONFIG.replace('/var/lib/kube-proxy/kubeconfig.conf', agent.controlPlane.kubeconfig);
      await writeFile(config, kubeadm.replace('10.244.0.0/16', '10.180.0.0/16'));
      // kubeadm's DaemonSet passes these two flags to kube-proxy.
      const flags = ['--config', config, `--hostname-override=${lab.node.name}`, '--profiling'];
      const child = lab.node.spawn([process.execPath, MAIN, 'node', ...flags], ['ignore', 'pipe', 'inherit']);
      let log = '';
      child.stdout?.on('data', (chunk: Buffer) => {
        log += chunk.toString('utf8');
      });
      try {
        await eventually('ready', async () => (await get(10_249, '/readyz')).status === 200, { withinMs: WITHIN_MS });
        await endpoints('a2');
        await eventually('the change', async () => (await dialled()) === 'a2', { withinMs: WITHIN_MS });
        expect((await get(10_256, '/healthz')).status).toBe(200);
        const warnings = log.split('\n').filter(line => line.includes('has no effect'));
        expect(warnings).toEqual([expect.stringContaining('logging.options has no effect')]);
        const profile = await get(10_249, '/debug/pprof/profile?seconds=0.2');
        expect(JSON.parse(profile.body)).toMatchObject({ nodes: expect.any(Array), timeDeltas: expect.any(Array) });
        expect((await get(10_249, '/debug/pprof/profile?seconds=100')).status).toBe(400);
        expect((await get(10_256, '/debug/pprof/profile?seconds=0.2')).status).toBe(404);
      } finally {
        const ended = once(child, 'exit');
        child.kill('SIGTERM');
        await ended;
        await rm(folder, { recursive: true });
      }
    });
  },
);

function service(spec: Readonly<Record<string, unknown>>, name = 'web') {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec };
}

function slice(pods: readonly string[], addressOf: (pod: string) => string, name = 'web') {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name,
      labels: { 'kubernetes.io/service-name': name },
      // As the EndpointSlice controller writes it: when the pods last changed.
      annotations: { 'endpoints.kubernetes.io/last-change-trigger-time': new Date().toISOString() },
    },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    endpoints: pods.map(pod => ({
      addresses: [addressOf(pod)],
      nodeName: pod.startsWith('a') ? 'node1' : 'node2',
      conditions: { ready: true },
    })),
  };
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined;
}
