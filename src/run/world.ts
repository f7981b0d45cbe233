import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { messageOf, SwitchboardError } from '../errors.ts';
import { exitCodeOf } from './command.ts';
import { CONTROL_FD, passSignals } from './control.ts';
import type { Isolation } from './isolation.ts';
import { nameFiles } from './name-files.ts';
import { asItStands } from './proxy/dial.ts';
import { type NameProxy, openNameProxy } from './proxy/proxy.ts';

export interface WorldOptions {
  readonly isolation: Isolation;
  /** Where the DNS server inside will listen, at port 53. */
  readonly server: string;
  readonly search: { readonly namespace: string; readonly domain: string };
  /** Open a proxy to the network outside (`World.outside`). */
  readonly outside: boolean;
}

/** What a program in such namespaces finds there. */
export interface World {
  /** The files of this world, which the process outside takes away at the end, unless it is killed. */
  readonly folder: string;
  /** The path of a proxy in the network outside, if it was to have one. */
  readonly outside?: string;
}

/** Tells the program inside that it is; nobody else is to be told. */
const MARK = 'SWITCHBOARD_RUN_WORLD';
const OUTSIDE = 'outside.sock';

/** The world that `runInWorld` has made for this process; undefined if it runs in none. Can be asked once. */
export function enteredWorld(): World | undefined {
  const folder = process.env[MARK];
  delete process.env[MARK];
  if (folder === undefined) return undefined;
  const outside = join(folder, OUTSIDE);
  return existsSync(outside) ? { folder, outside } : { folder };
}

/**
 * Runs a program in namespaces of its own: a network with nothing but loopback, and files that lead names to a DNS
 * server in it. Signals that we get are passed on through a pipe (`takeControl`), whose end tells that we are gone.
 *
 * @returns the program's exit code; 128 and the signal's number if a signal ended it
 * @throws SWB_RUN_UNSUPPORTED
 */
export async function runInWorld(program: readonly string[], options: WorldOptions): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'switchboard-run-'));
  let relay: NameProxy | undefined;
  try {
    const mounts = await prepare(folder, options);
    if (options.outside) relay = await openNameProxy(asItStands, { at: { path: join(folder, OUTSIDE) } });
    return await enter(program, mounts, { isolation: options.isolation, folder });
  } finally {
    relay?.close();
    await rm(folder, { recursive: true, force: true });
  }
}

const RESOLV_CONF = '/etc/resolv.conf';
const NSSWITCH = '/etc/nsswitch.conf';
/** libc asks the cache daemon first, which looks names up in its own world. */
const NSCD = '/var/run/nscd';

/** Writes what is to be mounted. @returns `FROM=TO` */
async function prepare(folder: string, options: WorldOptions): Promise<string[]> {
  if (!existsSync(RESOLV_CONF)) {
    throw new SwitchboardError(
      'SWB_RUN_UNSUPPORTED',
      `${RESOLV_CONF} is not there, so that none can be put in its place`,
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

/** Whatever the umask is: a command of root's may well become somebody else. */
async function writeReadable(path: string, text: string): Promise<void> {
  await writeFile(path, text);
  await chmod(path, 0o644);
}

/** First the furniture, as root of the namespaces, then the program; the shell becomes it and leaves no process. */
const SCRIPT = '"$1" "$2" "$3" || exit 2; shift 3; exec "$@"';

function enter(
  program: readonly string[],
  mounts: readonly string[],
  options: { readonly isolation: Isolation; readonly folder: string },
): Promise<number> {
  const { isolation, folder } = options;
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const furnish = fileURLToPath(new URL(`./furnish.${extension}`, import.meta.url));
  const script = ['sh', '-c', SCRIPT, 'sh', process.execPath, furnish, mounts.join('\n')];
  const [command = '', ...args] = [...isolation.enter, ...script, ...isolation.become, ...program];
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
      env: { ...process.env, [MARK]: folder },
    });
    const pipe = child.stdio[CONTROL_FD];
    if (pipe instanceof Writable) passSignals(pipe, process.stdin.isTTY);
    child.on('error', error => reject(new SwitchboardError('SWB_RUN_UNSUPPORTED', messageOf(error), { cause: error })));
    child.on('exit', (code, signal) => resolve(code ?? exitCodeOf(signal)));
  });
}
