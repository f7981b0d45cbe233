import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../eventually.ts';
import { ServerProcess } from './child-process.ts';

const PREFIX = 'swbengine';
const CGROUPS = '/sys/fs/cgroup';
/** `cat` ends with this process, whose end closes its input. */
const HOLDER = ['sh', '-c', 'echo ready; exec cat'];

/**
 * Everything that an engine of a test changes on its machine: a folder, a cgroup, and a mount and a network namespace, which
 * a process holds. So mounts vanish with the engine, and no other program can undo those of the engine.
 */
export class EnginePlace {
  readonly folder: string;
  /** Below which the engine puts the cgroups of its containers. */
  readonly cgroup: string;
  readonly #holder: ServerProcess;
  readonly #enter: readonly string[];

  private constructor(network: 'own' | 'host') {
    // Short, since a path of a unix socket has at most 107 bytes.
    this.folder = mkdtempSync(join(tmpdir(), `${PREFIX}-${process.pid}-`));
    this.cgroup = `/${PREFIX}-${process.pid}-${this.folder.slice(-6)}`;
    const net = network === 'own' ? ['--net'] : [];
    this.#holder = new ServerProcess(['unshare', '--mount', '--propagation', 'private', ...net, ...HOLDER]);
    this.#enter = ['nsenter', `--target=${this.#holder.pid}`, '--mount', ...net];
  }

  static async create(network: 'own' | 'host'): Promise<EnginePlace> {
    const place = new EnginePlace(network);
    const holder = place.#holder;
    await eventually('namespace', () => holder.output.includes('ready'), { process: holder });
    if (network === 'own') run(place.enter(['ip', 'link', 'set', 'lo', 'up']));
    return place;
  }

  /** A command in the network and among the mounts of the engine. */
  enter(command: readonly string[]): readonly string[] {
    return [...this.#enter, ...command];
  }

  /** After the engine has ended. */
  async remove(): Promise<void> {
    endProcessesOf(this.folder);
    await this.#holder.stop('SIGKILL');
    // Podman has one parent for all its containers.
    for (const cgroup of [this.cgroup, '/libpod_parent']) removeCgroups(cgroup);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/**
 * Ends what an engine has left: Podman's monitors stay for five minutes after a command in a container. They are found by
 * the unique folder in their arguments.
 */
function endProcessesOf(folder: string): void {
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    try {
      if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`${folder}/`)) process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended meanwhile.
    }
  }
}

/** Of version 1, one below each controller, or version 2. A cgroup that is not empty stays: something still runs in it. */
function removeCgroups(cgroup: string): void {
  const roots = [
    CGROUPS,
    ...readdirSync(CGROUPS, { withFileTypes: true }).flatMap(e => (e.isDirectory() ? [join(CGROUPS, e.name)] : [])),
  ];
  for (const root of roots) removeTree(join(root, cgroup));
}

function removeTree(path: string): void {
  let entries: readonly string[];
  try {
    entries = readdirSync(path, { withFileTypes: true }).flatMap(each => (each.isDirectory() ? [each.name] : []));
  } catch {
    return;
  }
  for (const name of entries) removeTree(join(path, name));
  try {
    rmdirSync(path);
  } catch {
    // Not empty.
  }
}

function run([file = '', ...args]: readonly string[]): void {
  const { status, stderr, error } = spawnSync(file, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${file} ${args.join(' ')}: ${error?.message ?? stderr}`);
}
