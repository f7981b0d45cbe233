/** The node agent is a guest: it changes nothing of the host that kube-proxy would not change. */
import { execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { labMissing } from '../../testing/lab/tools.ts';
import { commandsMissing, titled } from '../../testing/requirements.ts';
import { folder } from '../support/cli.ts';
import { withNamespace } from './namespace.ts';

const run = promisify(execFile);
const MAIN = `${import.meta.dirname}/../../src/cli/main.ts`;
const WITHIN_MS = 20_000;

/** Sends one Router Advertisement (RFC 4861, 4.2) with a router lifetime of 1,800 s to all nodes of a link. */
const ADVERTISE = `
import socket, struct
index = socket.if_nametoindex('router')
sender = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
sender.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
sender.sendto(struct.pack('!BBHBBHII', 134, 0, 0, 64, 0, 1800, 0, 0), ('ff02::1', 0, 0, index))
`;

async function inside(namespace: string, ...words: string[]): Promise<string> {
  return (await run('ip', ['netns', 'exec', namespace, ...words])).stdout;
}

const defaultRoute = (namespace: string) => inside(namespace, 'ip', '-6', 'route', 'show', 'default');

/** A link between two namespaces; the router has a link-local address at once, without duplicate address detection. */
async function link(router: string, node: string): Promise<void> {
  await run('ip', ['-n', router, 'link', 'add', 'router', 'type', 'veth', 'peer', 'name', 'uplink', 'netns', node]);
  await inside(router, 'sysctl', '-qw', 'net.ipv6.conf.router.accept_dad=0', 'net.ipv6.conf.router.forwarding=1');
  await inside(node, 'sysctl', '-qw', 'net.ipv6.conf.uplink.accept_dad=0');
  await run('ip', ['-n', router, 'link', 'set', 'router', 'up']);
  await run('ip', ['-n', node, 'link', 'set', 'uplink', 'up']);
  await run('ip', ['-n', node, 'addr', 'add', '2001:db8::2/64', 'dev', 'uplink', 'nodad']);
}

/** Advertises until the node has the route, since the link may not carry packets at first. */
async function advertise(router: string, node: string): Promise<void> {
  const end = performance.now() + WITHIN_MS;
  while (!(await defaultRoute(node)).includes('proto ra')) {
    if (performance.now() > end) throw new Error('the node did not accept a Router Advertisement');
    await inside(router, 'python3', '-c', ADVERTISE);
  }
}

/** Runs the agent until it waits for its cluster, which does not exist. @returns what it logged */
async function startAgent(namespace: string): Promise<Record<string, unknown>[]> {
  await using dir = await folder({ kubeconfig: KUBECONFIG });
  const flags = ['--kubeconfig', `${dir.path}/kubeconfig`, '--healthz-bind-address', '', '--metrics-bind-address', ''];
  const agent = spawn('ip', ['netns', 'exec', namespace, process.execPath, MAIN, 'node', ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
    signal: AbortSignal.timeout(WITHIN_MS),
  });
  const logged: Record<string, unknown>[] = [];
  try {
    for await (const line of createInterface({ input: agent.stdout })) {
      const entry: Record<string, unknown> = JSON.parse(line);
      logged.push(entry);
      if (entry.msg === 'waiting for the first full list') return logged;
    }
    throw new Error(`the agent exited: ${JSON.stringify(logged)}`);
  } finally {
    agent.kill('SIGKILL');
  }
}

const KUBECONFIG = `apiVersion: v1
kind: Config
clusters: [{ name: none, cluster: { server: 'https://[::1]:1' } }]
users: [{ name: none, user: { token: none } }]
contexts: [{ name: none, context: { cluster: none, user: none } }]
current-context: none
`;

const missing = labMissing() ?? commandsMissing('python3');

describe.skipIf(missing !== undefined)('the node agent on a host that it does not own', () => {
  it(titled(
    'keeps a default route from a Router Advertisement, and warns that forwarding is off',
    missing,
  ), async () => {
    await withNamespace(async router => {
      await withNamespace(async node => {
        await link(router, node);
        await advertise(router, node);
        const logged = await startAgent(node);
        expect(await defaultRoute(node)).toContain('proto ra');
        expect(await inside(node, 'sysctl', '-n', 'net.ipv6.conf.all.forwarding', 'net.ipv4.ip_forward')).toBe(
          '0\n0\n',
        );
        const warning = logged.find(({ name }) => name === 'net.ipv6.conf.all.forwarding');
        expect(warning).toMatchObject({
          level: 40,
          fix: 'to switch forwarding on: sysctl -w net.ipv6.conf.all.forwarding=1',
        });
      });
    });
  }, 60_000);
});
