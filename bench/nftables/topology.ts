/**
 * The same three hosts, three times, as network namespaces without a route to the outside: a client, a node that
 * forwards, and a pod with ten addresses. First removes what crashed runs left behind; names contain the owner's pid.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { namespaceName } from '../../testing/namespaces.ts';
import { POD_CIDR } from './world.ts';

/** Prefix of the names of the namespaces. */
export const BENCH_PREFIX = 'sbbench';

export const NODE_NAME = 'node1';
export const NODE_ADDRESS = '198.51.100.1';
export const POD_ADDRESSES: readonly string[] = Array.from({ length: 10 }, (_, i) => `10.200.0.${11 + i}`);

export interface Twin {
  readonly name: string;
  readonly client: string;
  readonly node: string;
  readonly pod: string;
}

export function createTwin(name: string): Twin {
  const of = (host: string): string => namespaceName(BENCH_PREFIX, `${name}-${host}`);
  const twin = { name, client: of('client'), node: of('node'), pod: of('pod') };
  const { client, node, pod } = twin;
  for (const host of [client, node, pod]) ip(['netns', 'add', host]);
  batch(node, [
    'link set lo up',
    `link add c0 type veth peer name eth0 netns ${client}`,
    `link add p0 type veth peer name eth0 netns ${pod}`,
    `addr add ${NODE_ADDRESS}/24 dev c0`,
    'addr add 10.200.0.1/24 dev p0',
    'link set c0 up',
    'link set p0 up',
    // The node dials Service addresses too; without a route, that would fail before any rule sees the packet.
    'route add default via 198.51.100.10',
    `route add unreachable ${POD_CIDR}`,
  ]);
  batch(client, [
    'link set lo up',
    'addr add 198.51.100.10/24 dev eth0',
    'link set eth0 up',
    `route add default via ${NODE_ADDRESS}`,
  ]);
  batch(pod, [
    'link set lo up',
    ...POD_ADDRESSES.map(address => `addr add ${address}/24 dev eth0`),
    'link set eth0 up',
    'route add default via 10.200.0.1',
  ]);
  run(['ip', 'netns', 'exec', node, 'sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1']);
  run(['ip', 'netns', 'exec', pod, 'sysctl', '-qw', 'net.core.somaxconn=8192']);
  return twin;
}

/**
 * Runs nft in a namespace; undefined: the namespace of this process.
 *
 * @returns its duration in milliseconds, process start included
 */
export function nft(namespace: string | undefined, text: string, timeoutMs?: number): number {
  const started = performance.now();
  const enter = namespace === undefined ? [] : ['ip', 'netns', 'exec', namespace];
  run([...enter, 'nft', '-f', '-'], text, timeoutMs);
  return performance.now() - started;
}

function batch(namespace: string, commands: readonly string[]): void {
  ip(['-n', namespace, '-batch', '-'], commands.join('\n'));
}

function ip(args: readonly string[], input?: string): void {
  run(['ip', ...args], input);
}

function run(argv: readonly string[], input?: string, timeout?: number): void {
  const [file = '', ...args] = argv;
  const { status, error, stderr } = spawnSync(file, args, {
    input: input ?? '',
    encoding: 'utf8',
    maxBuffer: 1 << 30,
    ...(timeout === undefined ? {} : { timeout: Math.ceil(timeout), killSignal: 'SIGKILL' }),
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${argv.join(' ')} exited with ${status}: ${stderr.slice(0, 1_000)}`);
}
