/** What a command loads at its start: the Kubernetes client library costs 88 MB, and no command needs it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, test } from 'vitest';
import { ApiServer, service } from '../../testing/api-server/index.ts';
import { folder } from '../support/cli.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const MAIN = join(ROOT, 'dist/cli/main.js');
const SHOP = join(ROOT, 'examples/shop');
const LIBRARY_MB = 88;

/** Appends what the program resolves to a file. */
const HOOK = `
import { registerHooks } from 'node:module';
import { appendFileSync } from 'node:fs';
registerHooks({ resolve(specifier, context, next) {
  appendFileSync(process.env.RESOLVED, specifier + '\\n');
  return next(specifier, context);
} });`;

interface Started {
  readonly specifiers: readonly string[];
  /** Undefined where the system does not report it, or the program has ended. */
  readonly megabytes: number | undefined;
}

/** Starts Node with these arguments and looks at it when it has printed a line that matches. */
async function start(args: readonly string[], ready: RegExp): Promise<Started> {
  await using dir = await folder({ 'hook.mjs': HOOK, resolved: '' });
  const resolved = join(dir.path, 'resolved');
  const child = spawn(process.execPath, ['--import', join(dir.path, 'hook.mjs'), ...args], {
    env: { ...process.env, RESOLVED: resolved },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  try {
    await lineOf(child.stdout, child.stderr, ready);
    const megabytes = residentMegabytes(child.pid ?? 0);
    return { specifiers: (await readFile(resolved, 'utf8')).trim().split('\n'), megabytes };
  } finally {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await ended;
  }
}

function lineOf(stdout: NodeJS.ReadableStream, stderr: NodeJS.ReadableStream, wanted: RegExp): Promise<void> {
  const lines: string[] = [];
  return new Promise((found, reject) => {
    let open = 2;
    for (const input of [stdout, stderr]) {
      const reader = createInterface({ input });
      reader.on('line', line => {
        lines.push(line);
        if (wanted.test(line)) found();
      });
      reader.on('close', () => {
        open -= 1;
        if (open === 0) reject(new Error(`no line matches ${wanted}:\n${lines.join('\n')}`));
      });
    }
  });
}

function residentMegabytes(pid: number): number | undefined {
  try {
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
  } catch {
    return undefined;
  }
}

describe('the client library is not loaded', () => {
  test.each<[name: string, args: readonly string[], ready: RegExp]>([
    ['up', ['up', '-f', SHOP, '--no-dns'], /^ready: /],
    ['dns', ['dns', '-f', SHOP, '--listen', '127.0.0.1:0'], /127\.0\.0\.1/],
  ])('by %s, which takes less than the library alone', async (_name, args, ready) => {
    const bare = await start(['--eval', 'console.log("up"); setInterval(() => {}, 1000)'], /^up$/);
    const { specifiers, megabytes } = await start([MAIN, ...args], ready);
    expect(specifiers).toContain('commander');
    expect(specifiers.filter(name => name.startsWith('@kubernetes/'))).toEqual([]);
    if (megabytes !== undefined) expect(megabytes - (bare.megabytes ?? 0)).toBeLessThan(LIBRARY_MB);
  });

  test('by a command that follows a cluster with a token', async () => {
    await using server = await ApiServer.start({ tokens: new Set(['abc']) });
    await server.request('POST', '/api/v1/namespaces/shop/services', service({ name: 'web' }));
    const { specifiers } = await start(
      [MAIN, 'get', 'services', '-A', '--against', 'cluster', '--kubeconfig', server.kubeconfig],
      /web/,
    );
    expect(specifiers.some(name => name.includes('sources/cluster') || name.includes('credentials'))).toBe(true);
    expect(specifiers.filter(name => name.startsWith('@kubernetes/'))).toEqual([]);
  });

  test('by an import of any file', async () => {
    const files = (await readdir(join(ROOT, 'src'), { recursive: true })).filter(
      name => name.endsWith('.ts') && !name.endsWith('.test.ts'),
    );
    const texts = await Promise.all(files.map(name => readFile(join(ROOT, 'src', name), 'utf8')));
    expect(files.filter((_name, index) => texts[index]?.includes('@kubernetes/client-node'))).toEqual([]);
  });
});
