import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Engine } from '../../src/engine/index.ts';
import { eventually } from '../eventually.ts';
import { ServerProcess } from './child-process.ts';
import { removeEverything } from './cleanup.ts';
import { contextFor } from './context.ts';
import type { EngineServer, EngineServerOptions } from './engine-server.ts';
import { EnginePlace } from './place.ts';

/** Starts dockerd with storage, socket and containerd of its own. Needs root. */
export async function startDocker({ network = 'own' }: EngineServerOptions = {}): Promise<EngineServer> {
  const place = await EnginePlace.create(network);
  const socket = join(place.folder, 'docker.sock');
  const command = place.enter([
    'dockerd',
    `--data-root=${join(place.folder, 'data')}`,
    `--exec-root=${join(place.folder, 'exec')}`,
    `--pidfile=${join(place.folder, 'docker.pid')}`,
    `--host=unix://${socket}`,
    `--cgroup-parent=${place.cgroup}`,
    '--default-ulimit=nofile=1024:1024',
    '--bridge=none',
    // In the machine's own network neither firewall rules nor sysctls; published ports then go through docker-proxy.
    ...(network === 'host' ? ['--iptables=false', '--ip6tables=false', '--ip-masq=false', '--ip-forward=false'] : []),
  ]);
  let server = new ServerProcess(command);
  const ready = (): Promise<unknown> =>
    eventually(
      'answer of dockerd',
      () => {
        if (server.hasEnded) throw new Error(`dockerd ended:\n${server.output}`);
        return server.output.includes('API listen on');
      },
      { process: server },
    );
  const context = contextFor(place.folder, {});
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
    name: 'docker',
    socket,
    context,
    get pid() {
      return server.pid;
    },
    get output() {
      return server.output;
    },
    enter: inside => place.enter(inside),
    restart: async () => {
      await server.stop();
      // Of a dockerd that was killed: the next one would wait for this containerd, which has ended with it.
      for (const name of ['containerd.pid', 'containerd.sock', 'containerd.sock.ttrpc', 'containerd-debug.sock']) {
        rmSync(join(place.folder, 'exec/containerd', name), { force: true });
      }
      server = new ServerProcess(command);
      await ready();
    },
    [Symbol.asyncDispose]: async () => {
      // While it still answers: bridges would stay behind.
      await using engine = await Engine.open({ host: `unix://${socket}`, context });
      await removeEverything(engine);
      await end();
    },
  };
}
