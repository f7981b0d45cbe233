/** `npm run control-plane`, the control plane of the tests as people use it. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  controlPlaneMissing,
  KUBERNETES_VERSIONS,
  NEWEST_VERSION,
  releaseOf,
  selectedVersion,
} from '../../testing/control-plane/index.ts';
import { commandsMissing, titled } from '../../testing/requirements.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const MAIN = join(ROOT, 'testing/control-plane/main.ts');

function controlPlane(args: readonly string[], env: NodeJS.ProcessEnv = process.env) {
  return promisify(execFile)(process.execPath, [MAIN, ...args], { env });
}

describe('the supported versions of Kubernetes', () => {
  it('equal those that the README states, from the oldest to the newest', async () => {
    const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
    expect(readme).toContain(`Kubernetes ${KUBERNETES_VERSIONS.at(-1)} to ${NEWEST_VERSION}`);
  });

  it('have one Go module each, for a release of that version', () => {
    for (const version of KUBERNETES_VERSIONS) expect(releaseOf(version)).toMatch(new RegExp(`^v${version}\\.\\d+$`));
  });

  it('are listed in the error if another version is requested', async () => {
    const failure = controlPlane(['binary', 'etcd'], { ...process.env, SWITCHBOARD_KUBERNETES: '1.20' });
    await expect(failure).rejects.toMatchObject({
      stderr: `error: SWITCHBOARD_KUBERNETES: 1.20 is not one of ${KUBERNETES_VERSIONS.join(', ')}\n`,
    });
  });

  it('are built only by the command, which the error prints', async () => {
    const empty = await mkdtemp(join(tmpdir(), 'switchboard-cache-'));
    try {
      const failure = controlPlane(['binary', 'etcd'], { ...process.env, XDG_CACHE_HOME: empty });
      await expect(failure).rejects.toMatchObject({
        stderr: expect.stringMatching(/is not built; to build it: npm run control-plane -- build 1\.\d+\n$/),
      });
    } finally {
      await rm(empty, { recursive: true });
    }
  });
});

const missing = controlPlaneMissing() ?? commandsMissing('curl');

describe.skipIf(missing !== undefined)(titled('a control plane in a directory', missing), () => {
  let directory: string;
  let token: string;
  let server: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'switchboard-control-plane-'));
    await controlPlane(['up', directory, '--controllers', '--service-cidr', '10.20.0.0/16']);
    token = await readFile(join(directory, 'token'), 'utf8');
    server = /"server": "([^"]+)"/.exec(await readFile(join(directory, 'kubeconfig'), 'utf8'))?.[1] ?? '';
  });
  afterAll(async () => {
    await controlPlane(['down', directory]);
    await rm(directory, { recursive: true });
  });

  async function get(path: string): Promise<string> {
    const config = ['--silent', '--insecure', '--header', `Authorization: Bearer ${token}`, `${server}${path}`];
    return (await promisify(execFile)('curl', config)).stdout;
  }

  it('runs the requested version with the requested ranges', async () => {
    expect(await get('/version')).toContain(`"gitVersion": "${releaseOf(selectedVersion())}"`);
    expect(await get('/api/v1/namespaces/default/services/kubernetes')).toContain('"clusterIP": "10.20.0.1"');
  });

  it('rejects a second start in the same directory', async () => {
    await expect(controlPlane(['up', directory])).rejects.toMatchObject({
      stderr: `error: a control plane already runs in ${directory}; to end it: down ${directory}\n`,
    });
  });

  it('keeps its port and its objects when the API server is restarted', async () => {
    const before = await get('/api/v1/namespaces/kube-system');
    await controlPlane(['restart-apiserver', directory]);
    expect(await get('/api/v1/namespaces/kube-system')).toBe(before);
  });

  it('is gone after down', async () => {
    await controlPlane(['down', directory]);
    await expect(get('/version')).rejects.toMatchObject({ code: 7 });
  });
});
