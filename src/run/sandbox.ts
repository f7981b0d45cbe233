import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { messageOf, SwitchboardError } from '../errors.ts';
import { exitCodeOf } from './command.ts';
import { CONTROL_FD, sendSignals } from './control.ts';
import type { Isolation } from './isolation.ts';
import { nameFiles } from './name-files.ts';
import { dialUnchanged } from './proxy/dial.ts';
import { type NameProxy, openNameProxy } from './proxy/proxy.ts';

export interface SandboxOptions {
  readonly isolation: Isolation;
  /** The address of the DNS server inside, which listens on port 53. */
  readonly server: string;
  readonly search: { readonly namespace: string; readonly domain: string };
  /** Whether to open a proxy to the network outside (`Sandbox.outside`). */
  readonly outside: boolean;
}

/** The sandbox as a program in it finds it. */
export interface Sandbox {
  /** The files of this sandbox. The outer process removes them when it ends, unless it is killed. */
  readonly folder: string;
  /** The path of a proxy in the network outside, if there is one. */
  readonly outside?: string;
}

/** Tells the inner process that it runs in a sandbox; the command does not get it. */
const MARK = 'SWITCHBOARD_RUN_SANDBOX';
const OUTSIDE = 'outside.sock';

/** The sandbox that `runInSandbox` created for this process; undefined if it runs in none. Call once. */
export function enteredSandbox(): Sandbox | undefined {
  const folder = process.env[MARK];
  delete process.env[MARK];
  if (folder === undefined) return undefined;
  const outside = join(folder, OUTSIDE);
  return existsSync(outside) ? { folder, outside } : { folder };
}

/**
 * Runs a program in namespaces of its own: a network with loopback only, and files that point names to a DNS server in
 * it. Forwards signals through a pipe (`followControl`); its end tells the inner process that this one has ended.
 *
 * @returns the program's exit code; 128 plus the number of the signal that ended it
 * @throws SWB_RUN_UNSUPPORTED
 */
export async function runInSandbox(program: readonly string[], options: SandboxOptions): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'switchboard-run-'));
  let relay: NameProxy | undefined;
  try {
    const mounts = await prepare(folder, options);
    if (options.outside) relay = await openNameProxy(dialUnchanged, { at: { path: join(folder, OUTSIDE) } });
    return await enter(program, mounts, { isolation: options.isolation, folder });
  } finally {
    relay?.close();
    await rm(folder, { recursive: true, force: true });
  }
}

const RESOLV_CONF = '/etc/resolv.conf';
const NSSWITCH = '/etc/nsswitch.conf';
/** libc asks the cache daemon first, which resolves names outside of the sandbox. */
const NSCD = '/var/run/nscd';

/** Writes the files to mount. @returns `FROM=TO` for each */
async function prepare(folder: string, options: SandboxOptions): Promise<string[]> {
  if (!existsSync(RESOLV_CONF)) {
    throw new SwitchboardError(
      'SWB_RUN_UNSUPPORTED',
      `${RESOLV_CONF} does not exist, so nothing can be mounted over it: create an empty one`,
    );
  }
  const old = existsSync(NSSWITCH) ? readFileSync(NSSWITCH, 'utf8') : undefined;
  const { resolvConf, nsswitch } = nameFiles(options.server, options.search, old);
  const mounts = [`${join(folder, 'resolv.conf')}=${RESOLV_CONF}`];
  await writeReadable(join(folder, 'resolv.conf'), resolvConf);
  if (nsswitch !== undefined) {
    await writeReadable(join(folder, 'nsswitch.conf'), nsswitch);
    mounts.push(`${join(folder, 'nsswitch.conf')}=${NSSWITCH}`);
  }
  if (existsSync(NSCD)) {
    await mkdir(join(folder, 'nscd'));
    mounts.push(`${join(folder, 'nscd')}=${NSCD}`);
  }
  return mounts;
}

/** Readable whatever the umask is: a command of root's may switch to another user. */
async function writeReadable(path: string, text: string): Promise<void> {
  await writeFile(path, text);
  await chmod(path, 0o644);
}

/** Prepares the namespaces as their root, then runs the program in place of the shell. */
const SCRIPT = '"$1" "$2" "$3" || exit 2; shift 3; exec "$@"';

function enter(
  program: readonly string[],
  mounts: readonly string[],
  options: { readonly isolation: Isolation; readonly folder: string },
): Promise<number> {
  const { isolation, folder } = options;
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const prepareNamespaces = fileURLToPath(new URL(`./prepare-namespaces.${extension}`, import.meta.url));
  const script = ['sh', '-c', SCRIPT, 'sh', process.execPath, prepareNamespaces, mounts.join('\n')];
  const [command = '', ...args] = [...isolation.enter, ...script, ...isolation.become, ...program];
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
      env: { ...process.env, [MARK]: folder },
    });
    const pipe = child.stdio[CONTROL_FD];
    if (pipe instanceof Writable) sendSignals(pipe, process.stdin.isTTY);
    child.on('error', error => reject(new SwitchboardError('SWB_RUN_UNSUPPORTED', messageOf(error), { cause: error })));
    child.on('exit', (code, signal) => resolve(code ?? exitCodeOf(signal)));
  });
}
