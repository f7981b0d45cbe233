import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';

const GUARD = new URL('./orphan-guard.ts', import.meta.url);
const REAPER = fileURLToPath(new URL('./reaper.ts', import.meta.url));
const started = new Set<ChildProcess>();

afterEach(() => {
  for (const child of started) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  started.clear();
});

/** A process in a group of its own that waits for its end; `script` runs in it first. */
async function sleeper(
  script = '',
  env: Readonly<Record<string, string>> = {},
): Promise<ChildProcess & { pid: number }> {
  const child = spawn(process.execPath, ['-e', `${script}; console.log('up'); setInterval(() => {}, 1000)`], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { PATH: process.env.PATH, ...env },
  });
  started.add(child);
  if (child.stdout === null || child.pid === undefined) throw new Error('not started');
  await once(child.stdout, 'data');
  return Object.assign(child, { pid: child.pid });
}

function reaper(instance: string): ChildProcess & { stdin: NonNullable<ChildProcess['stdin']> } {
  const child = spawn(process.execPath, [REAPER, instance], { stdio: ['pipe', 'ignore', 'inherit'] });
  started.add(child);
  return child;
}

/** The signal that ended it; undefined if it is alive still. */
const endOf = (child: ChildProcess) => child.signalCode ?? undefined;

describe('the reaper', () => {
  test('ends the reported groups that still exist', async () => {
    const [kept, ended] = [await sleeper(), await sleeper()];
    const left = once(ended, 'exit');
    const { stdin } = reaper('none-has-this');
    stdin.end(`+${kept.pid}\n+${ended.pid}\n-${kept.pid}\n`);
    expect(await left).toEqual([null, 'SIGTERM']);
    expect(endOf(kept)).toBeUndefined();
  });

  test('kills processes that ignore SIGTERM', async () => {
    const stubborn = await sleeper("process.on('SIGTERM', () => {})");
    const left = once(stubborn, 'exit');
    reaper('none-has-this').stdin.end(`+${stubborn.pid}\n`);
    expect(await left).toEqual([null, 'SIGKILL']);
  });

  test('ends nothing after "done"', async () => {
    const child = await sleeper();
    const it = reaper('none-has-this');
    it.stdin.end(`+${child.pid}\ndone\n`);
    expect(await once(it, 'exit')).toEqual([0, null]);
    expect(endOf(child)).toBeUndefined();
  });

  test.skipIf(process.platform !== 'linux')('finds what has left its group by its mark', async () => {
    const [ours, others] = [
      await sleeper('', { SWITCHBOARD_POD_OF: 'reaper-test-a' }),
      await sleeper('', { SWITCHBOARD_POD_OF: 'reaper-test-b' }),
    ];
    const left = once(ours, 'exit');
    reaper('reaper-test-a').stdin.end();
    expect(await left).toEqual([null, 'SIGTERM']);
    expect(endOf(others)).toBeUndefined();
  });
});

describe('the guard', () => {
  /** A process that guards a pod's process and then does something. */
  async function guarded(then: string): Promise<{ left: Promise<unknown[]>; guard: ChildProcess }> {
    const pod = await sleeper();
    const left = once(pod, 'exit');
    const script = `const { OrphanGuard } = await import(${JSON.stringify(GUARD.href)});
const guard = new OrphanGuard();
guard.add(${pod.pid});
${then}`;
    const guard = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    started.add(guard);
    return { left, guard };
  }

  test('ends the processes of pods when its own process is killed', async () => {
    const { left, guard } = await guarded("console.log('guarding'); setInterval(() => {}, 1000)");
    if (guard.stdout === null) throw new Error('no output');
    await once(guard.stdout, 'data');
    guard.kill('SIGKILL');
    expect(await left).toEqual([null, 'SIGTERM']);
  });

  test('does not keep its own process running', async () => {
    const { guard } = await guarded('');
    expect(await once(guard, 'exit')).toEqual([0, null]);
  });

  test('marks the processes of one instance with the same value, and those of another with a different one', async () => {
    const script = `const { OrphanGuard } = await import(${JSON.stringify(GUARD.href)});
const [a, b] = [new OrphanGuard(), new OrphanGuard()];
console.log(JSON.stringify([a.mark, a.mark, b.mark]))`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
    const marks: unknown = JSON.parse(stdout);
    const id = expect.stringMatching(/^[0-9a-f-]{36}$/);
    expect(marks).toEqual(Array(3).fill({ SWITCHBOARD_POD_OF: id }));
    expect(new Set(JSON.stringify(marks).match(/[0-9a-f-]{36}/g)).size).toBe(2);
  });
});
