/**
 * `switchboard node` in a cluster of thousands of objects. They are created with kubectl, change over the API, and keep
 * changing while the API server restarts and compacts its history, and while the agent is stopped or killed. At the end
 * `switchboard verify` compares the kernel with the cluster.
 */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rbacFor } from '../../src/sources/cluster/index.ts';
import { accountWith, controlPlaneMissing } from '../../testing/control-plane/index.ts';
import { eventually } from '../../testing/eventually.ts';
import { Lab } from '../../testing/lab/lab.ts';
import { labMissing } from '../../testing/lab/tools.ts';
import { kubernetesTools, kubernetesToolsMissing } from '../../testing/programs/kubernetes-tools.ts';
import { KubeProxy } from '../conformance/runners/kube-proxy.ts';

const MAIN = resolve(import.meta.dirname, '../../src/cli/main.ts');
const SERVICES = 1_000;
const ENDPOINTS = 4;
const CHANGES = 600;
const AT_ONCE = 16;
const WITHIN_MS = 60_000;
const SLICES = '/apis/discovery.k8s.io/v1/namespaces/many/endpointslices';
const RIGHT = { code: 0, text: expect.stringMatching(/^the rules of \d+ Service ports? are correct$/m) };
const missing = labMissing() ?? controlPlaneMissing() ?? kubernetesToolsMissing();

describe.skipIf(missing !== undefined)(
  missing === undefined
    ? 'switchboard node in a busy cluster'
    : `switchboard node in a busy cluster (skipped: ${missing})`,
  () => {
    let lab: Lab;
    let agent: KubeProxy;
    let account: string;
    /** The Services that exist, each with the number of changes of its endpoints. */
    const there = new Map<number, number>();

    beforeAll(async () => {
      const { kubectl } = await kubernetesTools();
      lab = await Lab.create();
      // Endpoints of the canary's Services.
      for (const pod of ['a1', 'a2']) await lab.host(pod).serve({ tcp: [8080], udp: [] });
      agent = await KubeProxy.of(lab, [process.execPath, MAIN, 'node']);
      await agent.objects.namespace('many');
      const items = Array.from({ length: SERVICES }, (_, n) => [service(n), slice(n, 0)]).flat();
      const creating = promisify(execFile)(
        kubectl,
        ['--kubeconfig', agent.controlPlane.kubeconfig, 'create', '--validate=ignore', '-o', 'name', '-f', '-'],
        { maxBuffer: 1 << 24 },
      );
      creating.child.stdin?.end(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
      const { stdout } = await creating;
      expect(stdout.trim().split('\n')).toHaveLength(2 * SERVICES);
      for (let n = 0; n < SERVICES; n++) there.set(n, 0);
      // The agent has exactly the permissions that `switchboard rbac` prints.
      const { rules } = rbacFor(['node']);
      account = await accountWith(agent.controlPlane, { namespace: 'many', name: 'switchboard', rules });
      await agent.start('standard', account);
    }, 240_000);

    afterAll(async () => {
      await agent?.[Symbol.asyncDispose]();
      await lab?.close();
    });

    it('programs every Service', async () => {
      await caughtUp();
      expect(await verify()).toEqual(RIGHT);
    }, 120_000);

    it('follows changes of endpoints, and Services that come and go', async () => {
      await churn(1);
      await caughtUp();
      expect(await verify()).toEqual(RIGHT);
    }, 120_000);

    it('follows changes while the API server restarts', async () => {
      await churn(2, CHANGES / 2);
      await agent.controlPlane.restartApiServer();
      await churn(3, CHANGES / 2);
      await caughtUp();
      expect(await verify()).toEqual(RIGHT);
    }, 180_000);

    it('lists again if it was stopped until the server had compacted its resource version', async () => {
      const { child } = agent;
      if (child === undefined) throw new Error('the agent is not running');
      child.kill('SIGSTOP');
      await churn(4);
      await agent.controlPlane.compact();
      await agent.controlPlane.restartApiServer();
      child.kill('SIGCONT');
      await caughtUp();
      expect(await verify()).toEqual(RIGHT);
    }, 180_000);

    it('follows changes after it was killed in the middle of them', async () => {
      const changing = churn(5);
      const { child } = agent;
      if (child === undefined) throw new Error('the agent is not running');
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
      await agent.start('standard', account);
      await changing;
      await caughtUp();
      expect(await verify()).toEqual(RIGHT);
    }, 180_000);

    it('lets verify report a Service that the kernel does not have', async () => {
      agent.child?.kill('SIGSTOP');
      await agent.objects.set('many', service(SERVICES + 1));
      const { code, text } = await verify();
      agent.child?.kill('SIGCONT');
      expect({ code, text }).toEqual({ code: 1, text: expect.stringContaining(`many/s${SERVICES + 1}`) });
    }, 60_000);

    /** Changes of all kinds, several at a time; the same seed gives the same changes. */
    async function churn(seed: number, count = CHANGES): Promise<void> {
      const turns = Array.from({ length: count }, (_, turn) => turn).values();
      const busy = new Set<number>();
      const worker = async (): Promise<void> => {
        for (const turn of turns) {
          const n = (turn * 7_919 + seed * 101) % SERVICES;
          if (busy.has(n)) continue;
          busy.add(n);
          await change(n, turn);
          busy.delete(n);
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, worker));
    }

    async function change(n: number, turn: number): Promise<void> {
      const version = there.get(n);
      if (version === undefined) {
        await must('POST', SLICES, slice(n, 1));
        await must('POST', '/api/v1/namespaces/many/services', service(n));
        there.set(n, 1);
      } else if (turn % 10 === 0) {
        await must('DELETE', `/api/v1/namespaces/many/services/s${n}`);
        await must('DELETE', `${SLICES}/s${n}`);
        there.delete(n);
      } else {
        await must('PUT', `${SLICES}/s${n}`, slice(n, version + 1));
        there.set(n, version + 1);
      }
    }

    async function must(method: string, path: string, body?: unknown): Promise<void> {
      const { status, json } = await agent.controlPlane.request(method, path, body);
      if (status >= 300) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(json)}`);
    }

    /** Writes one last change and waits until the kernel has it, so all earlier ones are in the kernel, too. */
    async function caughtUp(): Promise<void> {
      await agent.settled();
      await eventually('nothing waits', async () => (await metric('switchboard_pending_services')) === 0, {
        withinMs: WITHIN_MS,
      });
      expect(await metric('switchboard_routes')).toBeGreaterThanOrEqual(there.size);
    }

    async function metric(name: string): Promise<number> {
      const { stdout } = await lab.node.run(['curl', '-s', '--max-time', '3', 'http://127.0.0.1:10249/metrics']);
      return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(stdout)?.[1] ?? Number.NaN);
    }

    async function verify(): Promise<{ code: number | null; text: string }> {
      const config = ['--kubeconfig', account, '--against', 'cluster'];
      const node = ['--node', lab.node.name, '--cluster-cidr', '10.180.0.0/16,fd00:180::/48'];
      const { code, stdout, stderr } = await lab.node.run([process.execPath, MAIN, 'verify', ...config, ...node]);
      return { code, text: stdout + stderr };
    }
  },
);

function service(n: number) {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: `s${n}`, namespace: 'many' },
    spec: {
      ports: [{ name: 'http', port: 80, targetPort: 8080 }],
      ...(n % 7 === 0 ? { sessionAffinity: 'ClientIP' } : {}),
      ...(n % 11 === 0 ? { internalTrafficPolicy: 'Local' } : {}),
    },
  };
}

function slice(n: number, version: number) {
  const address = (i: number) => `10.180.${(n + version) % 200}.${20 + i + (version % 50)}`;
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `s${n}`, namespace: 'many', labels: { 'kubernetes.io/service-name': `s${n}` } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    endpoints: Array.from({ length: (n + version) % (ENDPOINTS + 1) }, (_, i) => ({
      addresses: [address(i)],
      nodeName: i % 2 === 0 ? 'node1' : 'node2',
      conditions: { ready: i !== 3, serving: true, terminating: i === 3 },
    })),
  };
}
