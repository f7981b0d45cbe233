/**
 * What a lab requires of the machine, and how it runs commands.
 *
 * @module
 */
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { commandsMissing, forbidSkip } from '../requirements.ts';

const run = promisify(execFile);

/** Why a test that needs a lab has to skip; undefined: it can run. */
export function labMissing(): string | undefined {
  return forbidSkip(platformMissing()) ?? commandsMissing('ip', 'nft', 'conntrack') ?? forbidSkip(namespacesMissing());
}

function platformMissing(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces exist on Linux only';
  return process.getuid?.() === 0 ? undefined : 'network namespaces need root';
}

function namespacesMissing(): string | undefined {
  const { status } = spawnSync('ip', ['netns', 'list'], { stdio: 'ignore' });
  return status === 0 ? undefined : 'the system has no network namespaces';
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command and waits for its end, whatever its exit code. */
export async function ran(argv: readonly string[], input?: string): Promise<Ran> {
  const [file = '', ...args] = argv;
  const promise = run(file, args, { maxBuffer: 64 << 20 });
  promise.child.stdin?.on('error', () => {});
  promise.child.stdin?.end(input ?? '');
  try {
    return { code: 0, ...(await promise) };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && typeof error.code === 'number')) throw error;
    return { code: error.code, stdout: textOf(error, 'stdout'), stderr: textOf(error, 'stderr') };
  }
}

/** @throws if the command fails */
export async function must(argv: readonly string[], input?: string): Promise<string> {
  const { code, stdout, stderr } = await ran(argv, input);
  if (code !== 0) throw new Error(`${argv.join(' ')} exited with ${code}: ${stderr.trim()}`);
  return stdout;
}

function textOf(error: object, key: 'stdout' | 'stderr'): string {
  const value: unknown = Reflect.get(error, key);
  return typeof value === 'string' ? value : '';
}
