import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { contextFor } from './context.ts';
import { type EngineServer, type EngineServerOptions, runEngine } from './engine-server.ts';
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
  return runEngine({
    name: 'docker',
    socket,
    context: contextFor(place.folder, {}),
    place,
    command,
    answers: output => output.includes('API listen on'),
    beforeRestart: () => {
      // Of a dockerd that was killed: the next one would wait for this containerd, which has ended with it.
      for (const name of ['containerd.pid', 'containerd.sock', 'containerd.sock.ttrpc', 'containerd-debug.sock']) {
        rmSync(join(place.folder, 'exec/containerd', name), { force: true });
      }
    },
  });
}
