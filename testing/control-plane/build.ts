/**
 * Builds a version's judges: one call of `go build`, which fetches the modules that go.sum lists and nothing else.
 *
 * @module
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { buildFlags, JUDGE_PACKAGES, JUDGES, type Judge, judgesFolder, judgesMissing } from './judges.ts';
import { type KubernetesVersion, moduleFolder, releaseOf } from './versions.ts';

const PROGRESS_MS = 15_000;

/**
 * Builds what is not built yet.
 *
 * @param report gets a line of text for each step, and how far the build is every few seconds
 * @returns the folder of the binaries
 * @throws if Go is missing, or if it fails; the message has its last lines
 */
export async function buildJudges(version: KubernetesVersion, report: (line: string) => void): Promise<string> {
  const folder = judgesFolder(version);
  if (judgesMissing(version) === undefined) {
    report(`Kubernetes ${releaseOf(version)}: already built in ${folder}`);
    return folder;
  }
  requireGo();
  const started = performance.now();
  const seconds = (): string => `${Math.round((performance.now() - started) / 1_000)} s`;
  report(`Kubernetes ${releaseOf(version)}: fetching modules`);
  const total = await countPackages(version);
  await mkdir(dirname(folder), { recursive: true });
  const work = await mkdtemp(`${folder}-`);
  try {
    await compile(version, work, compiled => {
      report(`Kubernetes ${releaseOf(version)}: compiled ${compiled} of at most ${total} packages, ${seconds()}`);
    });
    for (const judge of JUDGES) {
      if (outputName(judge) !== judge) await rename(join(work, outputName(judge)), join(work, judge));
    }
    // Another process may have built the same meanwhile: its result is as good.
    await rename(work, folder).catch(() => rm(work, { recursive: true, force: true }));
  } catch (error) {
    await rm(work, { recursive: true, force: true });
    throw error;
  }
  report(`Kubernetes ${releaseOf(version)}: built in ${seconds()}: ${folder}`);
  return folder;
}

/** What `go build -o FOLDER/` calls a package's binary: the last element of its path that is not a version. */
function outputName(judge: Judge): string {
  return basename(JUDGE_PACKAGES[judge].replace(/\/v\d+$/, ''));
}

function requireGo(): void {
  const { error } = spawnSync('go', ['version'], { stdio: 'ignore' });
  if (error !== undefined) {
    throw new Error('the command go is missing: install Go 1.26 or newer (https://go.dev/dl), it builds the judges');
  }
}

async function countPackages(version: KubernetesVersion): Promise<number> {
  let packages = 0;
  await go(version, ['list', '-deps', ...Object.values(JUDGE_PACKAGES)], 'stdout', () => {
    packages += 1;
  });
  return packages;
}

async function compile(version: KubernetesVersion, work: string, progress: (packages: number) => void): Promise<void> {
  let packages = 0;
  const timer = setInterval(() => progress(packages), PROGRESS_MS);
  try {
    // With -v, Go prints each package that it compiles; what its cache has is not compiled.
    const args = ['build', '-v', ...buildFlags(version), '-o', `${work}/`, ...Object.values(JUDGE_PACKAGES)];
    await go(version, args, 'stderr', () => {
      packages += 1;
    });
  } finally {
    clearInterval(timer);
  }
}

/** @param watched the stream whose lines `onLine` gets */
async function go(
  version: KubernetesVersion,
  args: readonly string[],
  watched: 'stdout' | 'stderr',
  onLine: () => void,
): Promise<void> {
  const child = spawn('go', args, {
    cwd: moduleFolder(version),
    env: { ...process.env, CGO_ENABLED: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const last: string[] = [];
  createInterface({ input: child[watched] }).on('line', onLine);
  createInterface({ input: child.stderr }).on('line', line => {
    last.push(line);
    if (last.length > 20) last.shift();
  });
  const [code, signal] = await once(child, 'close');
  if (code !== 0) throw new Error(`go ${args[0]} ended with ${code ?? signal}:\n${last.join('\n')}`);
}
