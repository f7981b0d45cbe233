import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { namespaceName, removeLeftovers, removeNamespaces } from '../namespaces.ts';

const PREFIX = 'swbengine';
const CGROUPS = '/sys/fs/cgroup';

/** Everything that an engine of a test changes on its machine: a folder, a network namespace, a cgroup. */
export class EnginePlace {
  readonly folder: string;
  /** Undefined: the engine is in the network of this process. */
  readonly namespace: string | undefined;
  /** Below which the engine puts its containers' cgroups. */
  readonly cgroup: string;

  constructor(kind: string, network: 'own' | 'host') {
    removeLeftovers(PREFIX);
    // Short, since a path of a unix socket has at most 107 bytes.
    this.folder = mkdtempSync(join(tmpdir(), `${PREFIX}-${process.pid}-`));
    const unique = this.folder.slice(-6);
    this.cgroup = `/${PREFIX}-${process.pid}-${unique}`;
    this.namespace = network === 'own' ? namespaceName(PREFIX, `${kind}-${unique}`) : undefined;
    if (this.namespace === undefined) return;
    run('ip', 'netns', 'add', this.namespace);
    run('ip', '-n', this.namespace, 'link', 'set', 'lo', 'up');
  }

  /** Not `ip netns exec`, which mounts another /sys without cgroups. */
  inNamespace(command: readonly string[]): readonly string[] {
    return this.namespace === undefined ? command : ['nsenter', `--net=/run/netns/${this.namespace}`, ...command];
  }

  /** After the engine has ended. */
  remove(): void {
    for (const mount of mountsBelow(this.folder)) run('umount', '--lazy', mount);
    if (this.namespace !== undefined) removeNamespaces([this.namespace]);
    // Podman has one parent for all its containers.
    for (const cgroup of [this.cgroup, '/libpod_parent']) removeCgroups(cgroup);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The deepest first. */
function mountsBelow(folder: string): readonly string[] {
  return readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map(line => line.split(' ')[1] ?? '')
    .filter(path => path.startsWith(`${folder}/`))
    .sort()
    .reverse();
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

function run(file: string, ...args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(file, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${file} ${args.join(' ')}: ${error?.message ?? stderr}`);
}
