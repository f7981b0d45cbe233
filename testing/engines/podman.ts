import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Engine } from '../../src/engine/index.ts';
import { allowTun } from '../tun.ts';
import { contextFor } from './context.ts';
import { type EngineServer, type EngineServerOptions, runEngine } from './engine-server.ts';
import { EnginePlace } from './place.ts';

export interface PodmanServer extends EngineServer {
  /** A folder for PATH with the program `podman`, which uses this engine's storage. */
  readonly programFolder: string;
}

export interface PodmanOptions extends EngineServerOptions {
  /** As an unprivileged user, with one user id in its containers. */
  readonly rootless?: boolean;
}

/** No user of the machine. */
export const ROOTLESS_UID = 64_242;

/** Starts `podman system service` with storage of its own. Needs root, also to become an unprivileged user. */
export async function startPodman({ network = 'own', rootless = false }: PodmanOptions = {}): Promise<PodmanServer> {
  const place = await EnginePlace.create(network);
  const socket = join(place.folder, 'podman.sock');
  const programFolder = join(place.folder, 'bin');
  const context = contextFor(place.folder, {});
  // slirp4netns serves the user.
  if (rootless) allowTun();
  const program = writeProgram(place, programFolder, rootless);
  const command = [program, 'system', 'service', '--time=0', `unix://${socket}`];
  const server = await runEngine({
    name: 'podman',
    socket,
    context,
    place,
    command,
    answers: async () => {
      const engine = await Engine.open({ host: `unix://${socket}`, context }).catch(() => undefined);
      await engine?.close();
      return engine !== undefined;
    },
    afterEnd: () => endPause(place.folder),
  });
  return Object.assign(server, { programFolder });
}

/** A rootless Podman leaves a process that holds its user namespace. */
function endPause(folder: string): void {
  const path = join(folder, 'runtime/libpod/tmp/pause.pid');
  if (existsSync(path)) process.kill(Number(readFileSync(path, 'utf8')), 'SIGKILL');
}

/** A shell script, so that a client that starts `podman` itself finds the same storage, network and runtime. */
function writeProgram(place: EnginePlace, folder: string, rootless: boolean): string {
  const { folder: base } = place;
  const config = join(base, 'config');
  for (const each of [folder, config, join(base, 'runtime')]) mkdirSync(each);
  writeFileSync(join(config, 'containers.conf'), CONTAINERS_CONF);
  writeFileSync(join(config, 'registries.conf'), '[[registry]]\nlocation = "127.0.0.1"\ninsecure = true\n');
  writeFileSync(join(config, 'storage.conf'), ONE_USER_STORAGE);
  const variables = [
    `CONTAINERS_CONF=${join(config, 'containers.conf')}`,
    `CONTAINERS_REGISTRIES_CONF=${join(config, 'registries.conf')}`,
  ];
  const options = [
    `--root=${join(base, 'graph')}`,
    `--runroot=${join(base, 'run')}`,
    `--tmpdir=${join(base, 'tmp')}`,
    `--network-config-dir=${join(base, 'networks')}`,
  ];
  const user = [`HOME=${join(base, 'home')}`, `XDG_RUNTIME_DIR=${join(base, 'runtime')}`];
  const storage = `CONTAINERS_STORAGE_CONF=${join(config, 'storage.conf')}`;
  const demote = ['setpriv', `--reuid=${ROOTLESS_UID}`, `--regid=${ROOTLESS_UID}`, '--clear-groups'];
  const command = rootless
    ? place.enter([...demote, 'env', '-u', 'DOCKER_HOST', ...variables, ...user, storage, '/usr/bin/podman'])
    : place.enter(['env', '-u', 'DOCKER_HOST', ...variables, '/usr/bin/podman', ...options]);
  const path = join(folder, 'podman');
  writeFileSync(path, `#!/bin/sh\ncd /\nexec ${command.join(' ')} "$@"\n`);
  chmodSync(path, 0o755);
  if (rootless)
    for (const each of [base, join(base, 'home'), join(base, 'runtime')]) chownSync(each, ROOTLESS_UID, ROOTLESS_UID);
  return path;
}

const CONTAINERS_CONF = `
[containers]
# Podman asks for more open files and processes than a virtual machine may allow.
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
log_driver = "k8s-file"
[engine]
# Not crun: it does not run where cgroups of version 1 and 2 are mounted together.
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
# Not in /dev/shm, which other engines share.
lock_type = "file"
`;

/** A user without ranges in /etc/subuid has one id in a container; files of others become its own. */
const ONE_USER_STORAGE = `
[storage]
driver = "overlay"
[storage.options.overlay]
ignore_chown_errors = "true"
`;
