import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, readFileSync, rmSync } from 'node:fs';
import { messageOf, systemCodeOf } from '../../errors.ts';
import { hasProgram } from '../../system/index.ts';
import { OUTWARD_INTERFACE } from '../messages.ts';

/** pasta waits for ever where it cannot open the device. */
const LIMIT_MS = 5_000;
const DEVICE = '/dev/net/tun';

/** A program that carries connections from the router to the host's network, or why there is none. */
export type Outward =
  | { readonly kind: 'open'; readonly by: string; close(): void }
  | { readonly kind: 'none'; readonly why: string };

/**
 * Connects the network namespace of a process with the host's network as rootless Podman does: through pasta, else through
 * slirp4netns. The host's own loopback stays out of reach.
 *
 * @param folder for a file with pasta's pid
 */
export async function openOutward(pid: number, folder: string): Promise<Outward> {
  try {
    accessSync(DEVICE, constants.R_OK | constants.W_OK);
  } catch (error) {
    return { kind: 'none', why: `${DEVICE} cannot be opened (${systemCodeOf(error) ?? messageOf(error)})` };
  }
  const pasta = await openPasta(pid, `${folder}/pasta.pid`);
  if (pasta.kind === 'open') return pasta;
  const slirp = await openSlirp(pid);
  if (slirp.kind === 'open') return slirp;
  return { kind: 'none', why: `${pasta.why}; ${slirp.why}` };
}

/** An address that pods see on the way out; it is translated again on the host. */
const ADDRESS = ['-a', '10.0.2.100', '-n', '24', '-g', '10.0.2.2'];
/** No port of the host is forwarded into the namespace, and none of the namespace to the host. */
const NO_PORTS = ['-t', 'none', '-u', 'none', '-T', 'none', '-U', 'none', '--no-map-gw'];

/** pasta goes on in the background once it is ready, and quits when the namespace is gone. */
async function openPasta(pid: number, pidFile: string): Promise<Outward> {
  const flags = ['--config-net', '--quiet', '-I', OUTWARD_INTERFACE, ...ADDRESS, ...NO_PORTS, '-P', pidFile];
  const child = spawn('pasta', [...flags, String(pid)], { stdio: ['ignore', 'ignore', 'pipe'] });
  const why = await untilEnd(child, 'pasta (package passt)');
  if (why !== undefined) return { kind: 'none', why };
  return { kind: 'open', by: 'pasta', close: () => endProcessOf(pidFile) };
}

const PRIVATE_MOUNTS = ['unshare', '--mount', '--propagation=private'];

async function openSlirp(pid: number): Promise<Outward> {
  if (!hasProgram('slirp4netns', process.env.PATH, process.cwd())) {
    return { kind: 'none', why: 'slirp4netns is not installed' };
  }
  const flags = ['--configure', '--disable-host-loopback', '--mtu=65520', '--enable-sandbox', '--enable-seccomp'];
  // It writes to the first descriptor when it is ready, and ends when the second one is closed.
  const args = [...flags, '--ready-fd=1', '--exit-fd=3', String(pid), OUTWARD_INTERFACE];
  // As root its sandbox would unmount what it finds below /run on the whole machine, such as the mounts of `ip netns`.
  const words = process.getuid?.() === 0 ? [...PRIVATE_MOUNTS, 'slirp4netns', ...args] : ['slirp4netns', ...args];
  const [program = '', ...rest] = words;
  const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
  const ready = new Promise<undefined>(resolve => child.stdout?.once('data', () => resolve(undefined)));
  const why = await Promise.race([ready, untilEnd(child, 'slirp4netns').then(end => end ?? 'slirp4netns ended')]);
  if (why !== undefined) return { kind: 'none', why };
  child.unref();
  return { kind: 'open', by: 'slirp4netns', close: () => void child.kill() };
}

/** @returns undefined if the program ended well, else why not */
function untilEnd(child: ChildProcess, name: string): Promise<string | undefined> {
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4096);
  });
  return new Promise(resolve => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      resolve(`${name} was not ready within ${LIMIT_MS / 1000} s`);
    }, LIMIT_MS);
    child.stdout?.once('data', () => clearTimeout(timer));
    child.on('error', error => {
      clearTimeout(timer);
      resolve(systemCodeOf(error) === 'ENOENT' ? `${name} is not installed` : `${name}: ${messageOf(error)}`);
    });
    child.on('exit', code => {
      clearTimeout(timer);
      resolve(code === 0 ? undefined : `${name}: ${lastLine(said) ?? `ended with code ${code}`}`);
    });
  });
}

function lastLine(text: string): string | undefined {
  const lines = text.split('\n').filter(line => line.trim() !== '' && !line.includes('syslog'));
  return lines.at(-1)?.trim();
}

function endProcessOf(pidFile: string): void {
  try {
    process.kill(Number(readFileSync(pidFile, 'utf8')));
    rmSync(pidFile, { force: true });
  } catch {
    // It has ended with the namespace.
  }
}
