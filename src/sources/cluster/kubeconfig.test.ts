import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { chooseCluster } from './kubeconfig.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'switchboard-kubeconfig-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function write(name: string, config: unknown): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, typeof config === 'string' ? config : JSON.stringify(config));
  return path;
}

function config(name: string, more: { user?: unknown; cluster?: object; current?: string } = {}): unknown {
  return {
    clusters: [{ name: 'shared', cluster: { server: `https://${name}.example:6443`, ...more.cluster } }],
    users: [{ name: `${name}-user`, user: more.user ?? {} }],
    contexts: [{ name, context: { cluster: 'shared', user: `${name}-user`, namespace: `${name}-ns` } }],
    ...(more.current === undefined ? {} : { 'current-context': more.current }),
  };
}

test('of several files the first word counts, and a missing one does not matter', async () => {
  const one = await write('one', config('one'));
  const two = await write('two', config('two', { current: 'two' }));
  const env = { KUBECONFIG: [one, join(directory, 'missing'), two].join(delimiter) };
  const chosen = await chooseCluster({ env });
  expect(chosen).toMatchObject({ name: 'two', namespace: 'two-ns', cluster: { server: 'https://one.example:6443' } });
  expect((await chooseCluster({ env, context: 'one' })).namespace).toBe('one-ns');
});

test('paths are those of the file that names them', async () => {
  await mkdir(join(directory, 'sub'));
  const cluster = { 'certificate-authority': 'ca.crt' };
  const path = await write('sub/config', config('sub', { user: { tokenFile: 'token' }, cluster, current: 'sub' }));
  expect(await chooseCluster({ kubeconfig: path })).toMatchObject({
    tokenFile: join(directory, 'sub/token'),
    cluster: { caFile: join(directory, 'sub/ca.crt') },
  });
});

test('a plugin is found beside the file, and is told what it is asked for', async () => {
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: './plugin', env: [{ name: 'A', value: 'b' }] };
  const path = await write('with-plugin', config('it', { user: { exec }, current: 'it' }));
  const { config: chosen } = await chooseCluster({ kubeconfig: path });
  const asked = { apiVersion: exec.apiVersion, kind: 'ExecCredential', spec: { interactive: false } };
  expect(chosen.getCurrentUser()?.exec).toMatchObject({
    command: join(directory, 'plugin'),
    env: [
      { name: 'A', value: 'b' },
      { name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify(asked) },
    ],
  });
});

test('a pod has its service account', async () => {
  const env = { HOME: directory, KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' };
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  try {
    expect(await chooseCluster({ env })).toMatchObject({
      name: 'inClusterContext',
      cluster: { server: 'https://10.96.0.1:443' },
      tokenFile: '/var/run/secrets/kubernetes.io/serviceaccount/token',
    });
  } finally {
    vi.unstubAllEnvs();
  }
});

test.each([
  ['nothing at all', undefined, 'SWB_KUBECONFIG', /no cluster is configured/],
  ['no current context', config('none'), 'SWB_KUBECONFIG', /no current context; give one of: none/],
  ['a current context that is not there', config('x', { current: 'y' }), 'SWB_KUBECONFIG', /no context "y"/],
  ['what is no YAML', '{', 'SWB_KUBECONFIG', /is no kubeconfig/],
  ['what is no mapping', '- 1', 'SWB_KUBECONFIG', /no current context/],
])('%s is said in words', async (_name, content, code, message) => {
  const kubeconfig = content === undefined ? undefined : await write('bad', content);
  const choosing = chooseCluster({ kubeconfig, env: { HOME: join(directory, 'nowhere') } });
  await expect(choosing).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
});
