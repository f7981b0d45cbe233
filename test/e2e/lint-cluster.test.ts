import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isRecord } from '../../src/data/index.ts';
import { type ControlPlane, controlPlaneMissing, startControlPlane } from '../../testing/control-plane/index.ts';
import { switchboard } from '../support/cli.ts';

const BROKEN = join(import.meta.dirname, '../../examples/broken');
/** Each in a namespace with its own name. */
const EXAMPLES = ['selector-typo', 'target-port-name', 'policy-port', 'probe-port-name', 'scaled-to-zero'];
const COLLECTIONS: Readonly<Record<string, string>> = {
  Service: '/api/v1/namespaces/%/services',
  Deployment: '/apis/apps/v1/namespaces/%/deployments',
  NetworkPolicy: '/apis/networking.k8s.io/v1/namespaces/%/networkpolicies',
};

const missing = controlPlaneMissing();

describe.skipIf(missing !== undefined)(`lint --against cluster${missing === undefined ? '' : ` (${missing})`}`, () => {
  let api: ControlPlane;

  beforeAll(async () => {
    api = await startControlPlane();
    for (const example of EXAMPLES) await create(example);
  }, 120_000);
  afterAll(() => api.stop());

  async function create(example: string): Promise<void> {
    await post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: example } });
    for (const object of loadAll(await readFile(join(BROKEN, `${example}.yaml`), 'utf8'))) {
      if (!isRecord(object) || object.kind === 'Namespace') continue;
      await post((COLLECTIONS[String(object.kind)] ?? '').replace('%', example), object);
    }
  }

  async function post(path: string, body: unknown): Promise<void> {
    const { status, json } = await api.request('POST', path, body);
    if (status !== 201) throw new Error(`POST ${path}: ${status} ${JSON.stringify(json)}`);
  }

  async function lint(...args: string[]): Promise<{ findings: unknown[]; code: number | null; stderr: string }> {
    const { stdout, stderr, code } = await switchboard(['lint', '-o', 'json', ...args]);
    const report: unknown = JSON.parse(stdout);
    if (!isRecord(report) || !Array.isArray(report.items)) throw new Error(stdout);
    return { findings: report.items, code, stderr };
  }

  const cluster = () => ['--against', 'cluster', '--kubeconfig', api.kubeconfig];

  test.each(EXAMPLES)('%s: has the same findings from files and from the cluster', async example => {
    const files = await lint('-f', join(BROKEN, `${example}.yaml`));
    const live = await lint(...cluster(), '-n', example);
    expect(files.findings.length).toBeGreaterThan(0);
    expect(live.findings.map(summary)).toEqual(files.findings.map(summary));
    expect(live.code).toBe(1);
  });

  test('checks all namespaces without -n, and finds nothing in those of the cluster itself', async () => {
    const { findings } = await lint(...cluster());
    expect(new Set(findings.map(finding => summary(finding).namespace))).toEqual(new Set(EXAMPLES));
  });

  test('names the cluster instead of lines in the table', async () => {
    const { stdout, stderr } = await switchboard(['lint', ...cluster(), '-n', 'policy-port']);
    expect(stdout).toMatch(/^test: certain R75 {2}NetworkPolicy policy-port\/web /);
    expect(stderr).toBe('1 certain in the cluster test, namespace policy-port\n');
  });

  test('writes no lines to SARIF', async () => {
    const { stdout } = await switchboard(['lint', ...cluster(), '-n', 'policy-port', '-o', 'sarif']);
    expect(stdout).toContain('"fullyQualifiedName": "NetworkPolicy policy-port/web');
    expect(stdout).not.toContain('startLine');
  });

  test('rejects files together with a cluster', async () => {
    const { code, stderr } = await switchboard(['lint', ...cluster(), '-f', BROKEN]);
    expect(stderr).toContain('exclude each other');
    expect(code).toBe(2);
  });
});

/** A finding without position and confidence, which differ: a cluster has no lines, and its namespaces are complete. */
function summary(finding: unknown): Record<string, unknown> {
  if (!isRecord(finding)) throw new Error(JSON.stringify(finding));
  const { rule, kind, namespace, name, field } = finding;
  return { rule, kind, namespace, name, field };
}
