/**
 * A network as a container engine makes it: a bridge, and on it the gateway and two pods, each in a namespace, without an
 * engine.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { addressPlan } from '../../src/gateway/engine/address-plan.ts';
import type { SocketAddress } from '../../src/net/index.ts';
import { Host } from '../../testing/lab/host.ts';
import { must } from '../../testing/lab/tools.ts';
import { namespaceName, removeLeftovers, removeOwnNamespaces } from '../../testing/namespaces.ts';

const PREFIX = 'sbgw';
export const PLAN = addressPlan('10.213.0.0/16');

const bridge = namespaceName(PREFIX, 'bridge');
const host = (name: string, address: string) => new Host(name, namespaceName(PREFIX, name), [address]);
export const gateway = host('gateway', PLAN.gateway);
/** Two pods. */
export const a = host('a', '10.213.1.1');
export const b = host('b', '10.213.1.2');
const HOSTS = [gateway, a, b];

/** Makes the bridge, as the engine does, and connects the hosts to it. */
export async function connectHosts(): Promise<void> {
  removeLeftovers(PREFIX);
  for (const name of [bridge, ...HOSTS.map(each => each.namespace)]) {
    await must(['ip', 'netns', 'add', name]);
    await must(['ip', '-n', name, 'link', 'set', 'lo', 'up']);
  }
  await must(['ip', '-n', bridge, 'link', 'add', 'br0', 'type', 'bridge']);
  await must(['ip', '-n', bridge, 'addr', 'add', '10.213.0.1/16', 'dev', 'br0']);
  await must(['ip', '-n', bridge, 'link', 'set', 'br0', 'up']);
  for (const { name, namespace, addresses } of HOSTS) {
    const pair = [
      'link',
      'add',
      'name',
      name,
      'netns',
      bridge,
      'type',
      'veth',
      'peer',
      'name',
      'eth0',
      'netns',
      namespace,
    ];
    await must(['ip', ...pair]);
    await must(['ip', '-n', bridge, 'link', 'set', 'dev', name, 'master', 'br0', 'up']);
    await must(['ip', '-n', namespace, 'addr', 'add', `${addresses[0]}/16`, 'dev', 'eth0']);
    await must(['ip', '-n', namespace, 'link', 'set', 'eth0', 'up']);
  }
}

/** Ends what runs in the hosts, and removes them. */
export async function removeHosts(): Promise<void> {
  for (const each of HOSTS) await each.close();
  removeOwnNamespaces(PREFIX);
}

/** Starts a program in the gateway's namespace, and waits until it has printed something. */
export async function startInGateway(argv: readonly string[]) {
  const child = gateway.spawn([process.execPath, ...argv], ['ignore', 'pipe', 'inherit']);
  if (child.stdout === null) throw new Error('no output');
  await Promise.race([
    once(child.stdout, 'data'),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`${argv.join(' ')} exited: ${code}`))),
  ]);
  return child;
}

/** A server of this machine, such as a process in an IDE. It answers over both protocols as a server in a pod does. */
export async function serveHere(name: string): Promise<SocketAddress & { close(): void }> {
  const tcp = createServer(socket => {
    socket.on('error', () => undefined);
    socket.on('data', () => socket.write(`${name} 127.0.0.1 1 -\n`));
  });
  for (;;) {
    tcp.listen(0, '127.0.0.1');
    await once(tcp, 'listening');
    const at = tcp.address();
    const port = typeof at === 'object' && at !== null ? at.port : 0;
    const udp = createSocket('udp4', (_message, from) => udp.send(`${name} 127.0.0.1 1 -\n`, from.port, from.address));
    udp.bind(port, '127.0.0.1');
    try {
      await once(udp, 'listening');
      return {
        ...{ address: '127.0.0.1', port },
        close: () => {
          tcp.close();
          udp.close();
        },
      };
    } catch {
      // Another program has the port for UDP.
      await new Promise(resolve => tcp.close(resolve));
    }
  }
}
