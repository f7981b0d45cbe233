import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Engine } from '../../src/engine/index.ts';
import { eventually } from '../eventually.ts';
import { ServerProcess } from './child-process.ts';
import { removeEverything } from './cleanup.ts';
import { contextFor } from './context.ts';
import type { EngineServer, EngineServerOptions } from './engine-server.ts';
import { EnginePlace } from './place.ts';

export interface PodmanServer extends EngineServer {
  /** A folder for PATH with the program `podman`, which uses this engine's storage. */
  readonly programFolder: string;
}

/** Starts `podman system service` with storage of its own. Needs root. */
export async function startPodman({ network = 'own' }: EngineServerOptions = {}): Promise<PodmanServer> {
  const place = await EnginePlace.create(network);
  const socket = join(place.folder, 'podman.sock');
  const programFolder = join(place.folder, 'bin');
  const program = writeProgram(place, programFolder);
  const command = [program, 'system', 'service', '--time=0', `unix://${socket}`];
  const context = contextFor(place.folder, {});
  let server = new ServerProcess(command);
  const ready = (): Promise<unknown> =>
    eventually(
      'answer of Podman',
      async () => {
        if (server.hasEnded) throw new Error(`Podman ended:\n${server.output}`);
        const engine = await Engine.open({ host: `unix://${socket}`, context }).catch(() => undefined);
        await engine?.close();
        return engine !== undefined;
      },
      { process: server },
    );
  const end = async (): Promise<void> => {
    await server.stop();
    await place.remove();
  };
  try {
    await ready();
  } catch (error) {
    await end();
    throw error;
  }
  return {
    name: 'podman',
    socket,
    context,
    programFolder,
    get pid() {
      return server.pid;
    },
    get output() {
      return server.output;
    },
    enter: inside => place.enter(inside),
    restart: async () => {
      await server.stop();
      server = new ServerProcess(command);
      await ready();
    },
    [Symbol.asyncDispose]: async () => {
      await using engine = await Engine.open({ host: `unix://${socket}`, context });
      await removeEverything(engine);
      await end();
    },
  };
}

/** A shell script, so that a client that starts `podman` itself finds the same storage, network and runtime. */
function writeProgram(place: EnginePlace, folder: string): string {
  const config = join(place.folder, 'config');
  for (const each of [folder, config]) mkdirSync(each);
  writeFileSync(
    join(config, 'containers.conf'),
    [
      '[containers]',
      // Podman asks for more open files and processes than a virtual machine may allow.
      'default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]',
      'log_driver = "k8s-file"',
      '[engine]',
      // Not crun: it does not run where cgroups of version 1 and 2 are mounted together.
      'runtime = "runc"',
      'cgroup_manager = "cgroupfs"',
      'events_logger = "file"',
      // Not in /dev/shm, which other engines share.
      'lock_type = "file"',
    ].join('\n'),
  );
  writeFileSync(join(config, 'registries.conf'), '[[registry]]\nlocation = "127.0.0.1"\ninsecure = true\n');
  const options = [
    `--root=${join(place.folder, 'graph')}`,
    `--runroot=${join(place.folder, 'run')}`,
    `--tmpdir=${join(place.folder, 'tmp')}`,
    `--network-config-dir=${join(place.folder, 'networks')}`,
  ];
  const command = place.enter(['/usr/bin/podman', ...options]).join(' ');
  const path = join(folder, 'podman');
  const variables = [
    `CONTAINERS_CONF=${join(config, 'containers.conf')}`,
    `CONTAINERS_REGISTRIES_CONF=${join(config, 'registries.conf')}`,
  ].join(' ');
  writeFileSync(path, `#!/bin/sh\nexec env -u DOCKER_HOST ${variables} ${command} "$@"\n`);
  chmodSync(path, 0o755);
  return path;
}
