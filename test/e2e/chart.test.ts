/** Compares the Helm chart, rendered by helm, with the plain manifests, rendered by kustomize. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { load, loadAll } from 'js-yaml';
import { beforeAll, describe, expect, test } from 'vitest';
import { isRecord } from '../../src/data/index.ts';
import { rbacFor } from '../../src/sources/cluster/index.ts';
import { controlPlaneMissing, startControlPlane } from '../../testing/control-plane/index.ts';
import {
  type KubernetesTools,
  kubernetesTools,
  kubernetesToolsMissing,
} from '../../testing/programs/kubernetes-tools.ts';

const run = promisify(execFile);
const DEPLOY = resolve(import.meta.dirname, '../../deploy');
const CHART = join(DEPLOY, 'chart');
const MONITORING = ['serviceMonitor', 'alerts', 'dashboard'].map(name => `--set=monitoring.${name}.enabled=true`);

const missing = kubernetesToolsMissing();
const noServer = controlPlaneMissing();

describe.skipIf(missing !== undefined)(`the chart${missing === undefined ? '' : ` (${missing})`}`, () => {
  let tools: KubernetesTools;
  beforeAll(async () => {
    tools = await kubernetesTools();
  }, 180_000);

  async function render(...flags: string[]): Promise<string> {
    const argv = ['template', 'switchboard', CHART, '--namespace=kube-system', ...flags];
    return (await run(tools.helm, argv)).stdout;
  }

  test('passes helm lint', async () => {
    const { stdout } = await run(tools.helm, ['lint', '--strict', CHART, ...MONITORING]);
    expect(stdout).toContain('1 chart(s) linted, 0 chart(s) failed');
  });

  test('with default values equals the plain manifests', async () => {
    const { stdout } = await run(tools.kubectl, ['kustomize', join(DEPLOY, 'manifests')]);
    expect(byName(await render())).toEqual(byName(stdout));
  });

  test('contains exact copies of the monitoring files', async () => {
    const objects = byName(await render(...MONITORING));
    const read = async (file: string) => readFile(join(DEPLOY, 'monitoring', file), 'utf8');
    for (const [name, file] of [
      ['PrometheusRule switchboard', 'alerts.yaml'],
      ['ServiceMonitor switchboard', 'servicemonitor.yaml'],
    ] as const) {
      const plain = load(await read(file));
      expect(isRecord(plain) && objects.get(name)).toMatchObject({ spec: isRecord(plain) ? plain.spec : undefined });
    }
    const dashboard = objects.get('ConfigMap switchboard-dashboard');
    expect(dashboard?.data).toEqual({ 'switchboard.json': await read('dashboard.json') });
  });

  test('applies the values: image, API server, flags, configuration', async () => {
    const text = await render(
      '--set=image.repository=registry.example/sb,image.tag=9',
      '--set=apiServer.host=api.example.internal',
      '--set=extraArgs={--log-level=debug}',
      '--set=config.clusterCIDR=10.1.0.0/16',
    );
    expect(text.match(/image: registry\.example\/sb:9/g)).toHaveLength(2);
    expect(text).toContain('{ name: KUBERNETES_SERVICE_HOST, value: "api.example.internal" }');
    expect(text).toContain('{ name: KUBERNETES_SERVICE_PORT, value: "6443" }');
    expect(text).toMatch(/- --config=\/config\/config\.conf\n +- --log-level=debug\n/);
    expect(text).toContain('    clusterCIDR: 10.1.0.0/16\n');
  });

  test.each([
    { pods: 'disabled', features: ['node', 'dns'] },
    { pods: 'verified', features: ['node', 'dns-pods'] },
  ] as const)(
    'with DNS ($pods pods) has the permissions of $features, and prints the address',
    async ({ pods, features }) => {
      const text = await render('--set=dns.listen={169.254.20.10:53}', `--set=dns.pods=${pods}`);
      expect(byName(text).get('ClusterRole switchboard-node')).toMatchObject({ rules: rbacFor(features).rules });
      expect(text).toMatch(
        new RegExp(`- --dns=169.254.20.10:53\n +- --cluster-domain=cluster.local\n +- --dns-pods=${pods}\n`),
      );
    },
  );

  test('a changed configuration replaces the pods', async () => {
    const hash = /switchboard\.dev\/configuration: (\w+)/;
    const [before, after] = await Promise.all([render(), render('--set=config.mode=iptables')]);
    expect(hash.exec(before)?.[1]).toMatch(/^[0-9a-f]{64}$/);
    expect(hash.exec(after)?.[1]).not.toBe(hash.exec(before)?.[1]);
  });

  test.skipIf(noServer !== undefined)(
    `a real API server takes all of it, and the plain manifests${noServer === undefined ? '' : ` (${noServer})`}`,
    async () => {
      await using server = await startControlPlane();
      const apply = ['--kubeconfig', server.kubeconfig, 'apply', '--dry-run=server', '--validate=strict', '-f', '-'];
      for (const text of [
        await render(),
        (await run(tools.kubectl, ['kustomize', join(DEPLOY, 'manifests')])).stdout,
      ]) {
        const applying = run(tools.kubectl, apply);
        applying.child.stdin?.end(text);
        const { stdout, stderr } = await applying;
        expect(stderr).toBe('');
        expect(stdout.trim().split('\n')).toHaveLength(6);
      }
    },
    120_000,
  );
});

/** Kind and name -> object, without the fields that helm adds. */
function byName(text: string): Map<string, Record<string, unknown>> {
  const found = new Map<string, Record<string, unknown>>();
  for (const object of loadAll(text)) {
    if (!isRecord(object) || !isRecord(object.metadata)) continue;
    const { labels: _, ...metadata } = object.metadata;
    const plain = JSON.stringify({ ...object, metadata }, (key, value: unknown) => {
      if (key === 'data' && isRecord(value) && typeof value['config.conf'] === 'string') {
        return { 'config.conf': load(value['config.conf']) };
      }
      return isRecord(value) && 'switchboard.dev/configuration' in value ? undefined : value;
    });
    const copy: unknown = JSON.parse(plain);
    if (isRecord(copy)) found.set(`${String(object.kind)} ${String(metadata.name)}`, copy);
  }
  return found;
}
