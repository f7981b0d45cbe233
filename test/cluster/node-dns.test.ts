/** `switchboard node --dns` on a node of the lab: answers names of a real cluster's Services beside its rules. */
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rbacFor } from '../../src/sources/cluster/index.ts';
import { accountWith, controlPlaneMissing } from '../../testing/control-plane/index.ts';
import { eventually } from '../../testing/eventually.ts';
import { Lab } from '../../testing/lab/lab.ts';
import { labMissing } from '../../testing/lab/tools.ts';
import { commandsMissing } from '../../testing/requirements.ts';
import { KubeProxy } from '../conformance/runners/kube-proxy.ts';

const MAIN = resolve(import.meta.dirname, '../../src/cli/main.ts');
const WITHIN_MS = 20_000;
const PLACE = '127.0.0.1:1053';
/** No server listens at the upstream's address; a timeout shows that it was queried. */
const FLAGS = ['--dns', PLACE, '--dns-pods', 'verified', '--dns-forward', '192.0.2.53'];
const missing = labMissing() ?? controlPlaneMissing() ?? commandsMissing('dig');

describe.skipIf(missing !== undefined)(
  missing === undefined ? 'switchboard node --dns' : `switchboard node --dns (skipped: ${missing})`,
  () => {
    let lab: Lab;
    let agent: KubeProxy;
    let clusterIP: string;

    beforeAll(async () => {
      lab = await Lab.create();
      await lab.host('a1').serve({ tcp: [8080], udp: [] });
      agent = await KubeProxy.of(lab, [process.execPath, MAIN, 'node', ...FLAGS]);
      await agent.objects.namespace('shop');
      await agent.objects.set('shop', service('web', {}));
      await agent.objects.set('shop', service('db', { clusterIP: 'None' }));
      await agent.objects.set('shop', slice('web', ['10.180.0.11']));
      await agent.objects.set('shop', slice('db', ['10.180.0.11', '10.180.1.11']));
      const pod = {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'db-0' },
        spec: { containers: [{ name: 'a', image: 'b' }] },
      };
      await agent.controlPlane.request('POST', '/api/v1/namespaces/shop/serviceaccounts', account());
      await agent.controlPlane.request('POST', '/api/v1/namespaces/shop/pods', pod);
      await agent.controlPlane.request('PATCH', '/api/v1/namespaces/shop/pods/db-0/status', {
        status: { phase: 'Running', podIP: '10.180.0.11', podIPs: [{ ip: '10.180.0.11' }] },
      });
      const { json } = await agent.controlPlane.request('GET', '/api/v1/namespaces/shop/services/web');
      clusterIP = /"clusterIP":"([^"]+)"/.exec(JSON.stringify(json))?.[1] ?? '';
      const { rules } = rbacFor(['node', 'dns-pods']);
      const kubeconfig = await accountWith(agent.controlPlane, { namespace: 'shop', name: 'node-dns', rules });
      await agent.start('standard', kubeconfig);
      await eventually('the first answer', async () => (await lookUp('web.shop.svc')) === clusterIP, {
        withinMs: WITHIN_MS,
      });
    }, 120_000);

    afterAll(async () => {
      await agent?.[Symbol.asyncDispose]();
      await lab?.close();
    });

    /** The output of `dig +short`, sorted. */
    async function lookUp(name: string, type = 'A', ...flags: readonly string[]): Promise<string> {
      const [host, port] = PLACE.split(':');
      const argv = [
        'dig',
        '+short',
        '+time=2',
        '+tries=1',
        ...flags,
        '-p',
        `${port}`,
        `@${host}`,
        type,
        `${name}.cluster.local`,
      ];
      const { stdout } = await lab.node.run(argv);
      return stdout.trim().split('\n').sort().join(' ');
    }

    async function rcode(name: string): Promise<string | undefined> {
      const { stdout } = await lab.node.run([
        'dig',
        '+time=2',
        '+tries=1',
        '-p',
        '1053',
        '@127.0.0.1',
        `${name}.cluster.local`,
      ]);
      return /status: (\w+)/.exec(stdout)?.[1];
    }

    it('answers a Service with its cluster IP, which the rules translate', async () => {
      expect(await lookUp('web.shop.svc', 'A', '+tcp')).toBe(clusterIP);
      const [answer] = await lab.host('a3').dial([{ to: clusterIP, port: 80, protocol: 'TCP', timeoutMs: 2_000 }]);
      expect(answer).toMatchObject({ kind: 'answer', host: 'a1' });
    });

    it('answers a headless Service, which has no rules, with its endpoints', async () => {
      expect(await lookUp('db.shop.svc')).toBe('10.180.0.11 10.180.1.11');
      expect(await lookUp('_http._tcp.db.shop.svc', 'SRV')).toContain('8080 10-180-0-11.db.shop.svc.cluster.local.');
    });

    it('answers names of the cluster’s namespaces and pods', async () => {
      expect(await rcode('shop.svc')).toBe('NOERROR');
      expect(await rcode('nowhere.svc')).toBe('NXDOMAIN');
      expect(await lookUp('10-180-0-11.shop.pod')).toBe('10.180.0.11');
      expect(await rcode('10-180-0-99.shop.pod')).toBe('NXDOMAIN');
    });

    it('removes a deleted endpoint from the names', async () => {
      await agent.objects.set('shop', slice('db', ['10.180.1.11']));
      await eventually('one address', async () => (await lookUp('db.shop.svc')) === '10.180.1.11', {
        withinMs: WITHIN_MS,
      });
    });

    it('counts the queries in its metrics', async () => {
      const { stdout } = await lab.node.run(['curl', '-s', 'http://127.0.0.1:10249/metrics']);
      expect(stdout).toMatch(/^switchboard_dns_responses_total\{[^}]*type="SRV"[^}]*\} \d+$/m);
      expect(stdout).toMatch(/^switchboard_dns_forward_up\{to="192\.0\.2\.53:53"\} \d$/m);
    });
  },
);

function account() {
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } };
}

function service(name: string, spec: Readonly<Record<string, unknown>>) {
  const ports = [{ name: 'http', port: 80, targetPort: 8080 }];
  return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { ports, ...spec } };
}

function slice(name: string, addresses: readonly string[]) {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    endpoints: addresses.map(address => ({ addresses: [address], conditions: { ready: true } })),
  };
}
