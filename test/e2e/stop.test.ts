/** Signals at any moment of the start: the command ends by itself, cleanly, and leaves no pod behind. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { eventually } from '../../testing/eventually.ts';
import { commandsMissing, titled } from '../../testing/requirements.ts';
import { deployment, folder, Running, serviceTo, up } from '../support/cli.ts';

/** Prints another sequence of moments: SWITCHBOARD_SEED=7 npx vitest run ... */
const SEED = Number(process.env.SWITCHBOARD_SEED ?? 1);
const RUNS = 10;

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function* randoms(seed: number): Generator<number, never> {
  for (let state = seed >>> 0; ; ) {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    yield ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}

/** Pods that leave a file named after their process, write without end, and never become ready. */
function podThatNotes(directory: string): string {
  const script = `require('fs').writeFileSync(${JSON.stringify(directory)} + '/' + process.pid, ''); setInterval(() => console.log('alive'), 5)`;
  return deployment('web', script, { replicas: 2, container: 'readinessProbe: { tcpSocket: { port: http } }' });
}

/** The pods that run, by their command lines: a pid is another number in the namespace that `run` makes. */
function runningPods(directory: string): string[] {
  if (process.platform !== 'linux') return readdirSync(directory).filter(pid => isAlive(Number(pid)));
  return readdirSync('/proc').filter(name => /^\d+$/.test(name) && commandLine(name).includes(directory));
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function expectNoPods(directory: string): Promise<void> {
  await eventually('pods gone', () => (runningPods(directory).length > 0 ? undefined : true));
}

/** Whether our code has installed its signal handlers; Node has one of its own for SIGINT and SIGTERM, none for SIGHUP. */
function handlesSignals(pid: number): boolean {
  const caught = /^SigCgt:\s+(\S+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
  return (BigInt(`0x${caught}`) & 1n) !== 0n;
}

const COMMANDS = [
  ['up', ['up', '--run', '--no-dns'], [0]],
  ['up with DNS', ['up', '--run', '--dns', '127.0.0.1:0'], [0]],
  ['dns', ['dns', '--listen', '127.0.0.1:0'], [0]],
  ['run', ['run', '--mode', 'proxy', '--wait', '600', '--need', 'web'], [130, 143]],
] as const;

describe.each(COMMANDS)('%s', (name, args, codes) => {
  const command = name === 'run' ? ['--', 'sleep', '1000'] : [];

  test('ends cleanly after a signal at any moment of its start, and leaves no pod', async () => {
    await using dir = await folder({});
    const pids = join(dir.path, 'pids');
    await mkdir(pids);
    const stdin = podThatNotes(pids);
    const begun = performance.now();
    const whole = new Running([...args, '-f', '-', ...command], { stdin });
    await whole.until(/^ready|^mode|^dns: listening/m, name === 'dns' ? 'stdout' : 'stderr');
    const untilReady = performance.now() - begun;
    whole.signal('SIGTERM');
    expect(codes).toContain(await whole.exited);

    const moments = randoms(SEED);
    for (let run = 0; run < RUNS; run++) {
      const moment = moments.next().value * untilReady * 1.3;
      const signal = run % 2 === 0 ? 'SIGINT' : 'SIGTERM';
      const pods = readdirSync(pids).length;
      const running = new Running([...args, '-f', '-', ...command], { stdin });
      await new Promise(resolve => setTimeout(resolve, moment));
      running.signal(signal);
      const code = await running.exited;
      const said = `${signal} after ${moment} ms: ${code}\n${running.stdout}\n${running.stderr}`;
      expect(running.stderr, said).not.toMatch(/SWB_INTERNAL|^\s+at |Error/m);
      // A signal that comes before any of our code runs ends the process as it ends any other.
      if (code === null) {
        expect(running.stdout + running.stderr, said).toBe('');
        expect(readdirSync(pids), said).toHaveLength(pods);
      } else expect(codes, said).toContain(code);
      await expectNoPods(pids);
    }
  }, 120_000);
});

test('up ends its pods when the signal comes as soon as the first of them runs, before it is ready', async () => {
  await using dir = await folder({});
  const running = new Running(['up', '--run', '-f', '-'], { stdin: podThatNotes(dir.path) });
  await eventually('pod', () => readdirSync(dir.path).length > 0, { process: running });
  running.signal('SIGINT');
  expect(await running.exited, running.stderr).toBe(0);
  expect(running.stderr).not.toMatch(/SWB_INTERNAL|^ready/m);
  await expectNoPods(dir.path);
});

test.skipIf(process.platform !== 'linux').each([
  ['up', 0],
  ['dns', 0],
] as const)('%s ends with a signal while it waits for standard input', async (name, code) => {
  const running = new Running([name, '-f', '-'], { stdin: null });
  await eventually('handlers', () => handlesSignals(running.pid), { process: running });
  running.signal('SIGHUP');
  expect(await running.exited, running.stderr).toBe(code);
});

/** util-linux gives its child a terminal; a byte 3 in its standard input is a Ctrl-C there. */
const noScript = commandsMissing('script');

test.skipIf(noScript !== undefined).each(['proxy', 'auto'])(
  titled('Ctrl-C in a terminal ends run while it waits, mode %s', noScript),
  async mode => {
    await using dir = await folder({});
    const pids = join(dir.path, 'pids');
    await mkdir(pids);
    await writeFile(join(dir.path, 'app.yaml'), podThatNotes(pids));
    const words = ['run', '--mode', mode, '--wait', '600', '--need', 'web', '-f', dir.path, '--', 'sleep', '1000'];
    const command = [process.execPath, 'dist/cli/main.js', ...words].join(' ');
    const terminal = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const exited = once(terminal, 'exit');
    await eventually('pods', () => readdirSync(pids).length === 2);
    terminal.stdin.write('\x03');
    expect(await exited).toEqual([130, null]);
    await expectNoPods(pids);
  },
);

test.each(['stdout', 'stderr'] as const)('up ends as by a signal when nobody reads its %s any more', async stream => {
  await using dir = await folder({ 'web.yaml': serviceTo('web', 8080, 9) });
  const manifest = join(dir.path, 'web.yaml');
  const running = await up(['-f', manifest, '--no-dns'], { env: { XDG_RUNTIME_DIR: dir.path } });
  const sockets = () => readdirSync(join(dir.path, 'switchboard')).filter(name => name.endsWith('.sock'));
  expect(sockets()).toHaveLength(1);
  running.closeOutput(stream);
  // Several lines, of which the first finds the pipe closed.
  const next = stream === 'stdout' ? [1, 2, 3].map(i => serviceTo(`s${i}`, 8090 + i, 9)).join('') : 'kind: [';
  await writeFile(manifest, next);
  expect(await running.exited).toBe(0);
  if (stream === 'stdout') expect(running.stderr).toMatch(/^stopping: /m);
  expect(sockets()).toEqual([]);
});
