/**
 * The program of the gateway container, in a network as an engine makes it. This process is the one that the user started; it
 * reaches that network over the link only.
 */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RelaysIn, RemotePlane } from '../../src/gateway/engine/index.ts';
import { ReachablePlane } from '../../src/gateway/index.ts';
import { datagramsOf, type Link, openLink } from '../../src/link/index.ts';
import { blockContains, blockText, type SocketAddress } from '../../src/net/index.ts';
import type { Listener, Plane } from '../../src/planes/index.ts';
import type { Frontend, ProxiedRoute } from '../../src/routing/index.ts';
import { ownNetwork } from '../../src/system/index.ts';
import { eventually } from '../../testing/eventually.ts';
import type { Host } from '../../testing/lab/host.ts';
import type { DialAnswer } from '../../testing/lab/messages.ts';
import { labMissing } from '../../testing/lab/tools.ts';
import { titled } from '../../testing/requirements.ts';
import { endpointOf, routeOf } from '../../testing/route-of.ts';
import { applyAll } from '../support/apply-all.ts';
import { folder } from '../support/cli.ts';
import { a, b, connectHosts, PLAN, removeHosts, serveHere, startInGateway } from './gateway-scene.ts';

const ROOT = join(import.meta.dirname, '../..');
const TOKEN = 'a-token';
const PROTOCOLS = ['TCP', 'UDP'] as const;
const missing = labMissing();

interface ServiceShape {
  readonly name: string;
  readonly protocol: 'TCP' | 'UDP';
  readonly endpoints: readonly SocketAddress[];
  readonly frontends?: readonly Frontend[];
}

function serviceOf({ name, protocol, endpoints, frontends }: ServiceShape): ProxiedRoute {
  return routeOf({
    ...{ service: `default/${name}`, protocol },
    endpoints: endpoints.map(({ address, port }) => endpointOf(address, { port })),
    frontends: frontends ?? [{ kind: 'clusterIP', address: undefined, port: 80 }],
  });
}

describe.skipIf(missing !== undefined)(titled('the gateway container', missing), () => {
  let program: Awaited<ReturnType<typeof startInGateway>>;
  let settings = '';
  let socket = '';
  let link: Link;
  let inside: RelaysIn;
  let plane: Plane;
  let here: Awaited<ReturnType<typeof serveHere>>;
  const closers: (() => unknown)[] = [];

  const open = () =>
    openLink({
      dial: async (): Promise<Socket> => {
        const connection = connect(socket);
        await once(connection, 'connect');
        return connection;
      },
      token: TOKEN,
      handlers: {
        call: async () => null,
        connectTcp: to => ownNetwork.connectTcp(to),
        connectUdp: async to => datagramsOf(await ownNetwork.connectUdp(to)),
      },
    });

  beforeAll(async () => {
    await connectHosts();
    const scratch = await folder({});
    closers.push(() => scratch[Symbol.asyncDispose]());
    settings = join(scratch.path, 'gateway.json');
    socket = join(scratch.path, 'link.sock');
    const { clusterIPs, relays } = PLAN;
    const content = {
      token: TOKEN,
      address: PLAN.gateway,
      clusterIPs: blockText(clusterIPs),
      relays: blockText(relays),
    };
    await writeFile(settings, JSON.stringify(content));
    program = await startInGateway([join(ROOT, 'src/gateway/container/main.ts'), settings]);
    // In place of the port that an engine publishes.
    const publish = `import { relayToPort } from '${join(ROOT, 'testing/relays.ts')}';
      await relayToPort(${JSON.stringify(socket)}, 7000);
      console.log('listening');`;
    await startInGateway(['--input-type=module', '-e', publish]);
    for (const pod of [a, b]) await pod.serve({ tcp: [8080], udp: [8080] });
    link = await open();
    inside = new RelaysIn(() => link, PLAN.relays);
    plane = new ReachablePlane(new RemotePlane(() => link), async ({ address, port }, { protocol }) =>
      protocol === 'SCTP' || blockContains(PLAN.pods, address)
        ? undefined
        : { address: await inside.reach(protocol, { address, port }), port },
    );
    here = await serveHere('ide');
  });
  afterAll(async () => {
    link?.close();
    here?.close();
    await removeHosts();
    for (const close of closers) await close();
  });

  async function serve(
    shape: ServiceShape,
  ): Promise<{ readonly route: ProxiedRoute; readonly listeners: readonly Listener[] }> {
    const route = serviceOf(shape);
    const { outcomes } = await applyAll(plane, [{ type: 'set', route }]);
    return { route, listeners: outcomes.flatMap(({ listeners }) => listeners) };
  }

  async function dial(from: Host, to: SocketAddress, protocol: 'TCP' | 'UDP'): Promise<DialAnswer | undefined> {
    const [answer] = await from.dial([{ to: to.address, port: to.port, protocol, timeoutMs: 10_000 }]);
    return answer;
  }

  const pods = [a, b].map(pod => ({ address: pod.address(), port: 8080 }));
  const only = (listeners: readonly Listener[]): Listener => {
    const [listener] = listeners;
    if (listener === undefined || listeners.length > 1) throw new Error(`${listeners.length} listeners`);
    return listener;
  };

  test('has removed its settings, which hold the token, when it is ready', () => {
    expect(existsSync(settings)).toBe(false);
  });

  describe.each(PROTOCOLS)('over %s', protocol => {
    const name = (word: string) => `${word}-${protocol.toLowerCase()}`;

    test('a Service without a cluster IP has one of the block, at which a pod reaches each of its endpoints', async () => {
      const listener = only((await serve({ name: name('web'), protocol, endpoints: pods })).listeners);
      expect(listener).toMatchObject({ port: 80, protocol });
      expect(listener.moved).toBeUndefined();
      expect(blockContains(PLAN.clusterIPs, listener.address)).toBe(true);
      const seen = new Set<string>();
      await eventually('answer of each endpoint', async () => {
        const answer = await dial(b, listener, protocol);
        expect(answer).toMatchObject({ kind: 'answer', source: PLAN.gateway });
        if (answer?.kind === 'answer') seen.add(answer.host);
        return seen.size === 2;
      });
    });

    test('a Service with a cluster IP of the block has that one', async () => {
      const address = '10.213.200.7';
      const frontends: Frontend[] = [{ kind: 'clusterIP', address, port: 81 }];
      const { listeners } = await serve({ name: name('fixed'), protocol, endpoints: pods.slice(0, 1), frontends });
      expect(only(listeners)).toMatchObject({ address, port: 81 });
      expect(await dial(b, { address, port: 81 }, protocol)).toMatchObject({ kind: 'answer', host: 'a' });
    });

    test('a node port is at the address of the gateway', async () => {
      const frontends: Frontend[] = [{ kind: 'nodePort', port: 30_080 }];
      const { listeners } = await serve({ name: name('node'), protocol, endpoints: pods.slice(1), frontends });
      expect(only(listeners)).toMatchObject({ address: PLAN.gateway, port: 30_080 });
      expect(await dial(a, only(listeners), protocol)).toMatchObject({ kind: 'answer', host: 'b' });
    });

    test('a pod that dials a Service reaches an endpoint on this machine', async () => {
      const { listeners } = await serve({ name: name('ide'), protocol, endpoints: [here] });
      expect(await dial(a, only(listeners), protocol)).toMatchObject({ kind: 'answer', host: 'ide' });
    });

    test('a pod reaches a port of this machine at its relay address', async () => {
      const address = await inside.reach(protocol, here);
      expect(blockContains(PLAN.relays, address)).toBe(true);
      expect(await dial(b, { address, port: here.port }, protocol)).toMatchObject({ kind: 'answer', host: 'ide' });
    });

    test('the DNS port of the gateway leads to the server of this process', async () => {
      const at = { address: PLAN.gateway, port: 53 };
      await inside.open({ protocol, at, to: here });
      expect(await dial(a, at, protocol)).toMatchObject({ kind: 'answer', host: 'ide' });
    });

    test('a Service is refused while it has no endpoint, and works when it has one again', async () => {
      const { listeners } = await serve({ name: name('none'), protocol, endpoints: pods });
      await serve({ name: name('none'), protocol, endpoints: [] });
      expect(await dial(a, only(listeners), protocol)).toEqual({ kind: 'refused' });
      const again = await serve({ name: name('none'), protocol, endpoints: pods });
      expect(only(again.listeners).address).toBe(only(listeners).address);
      expect(await dial(a, only(listeners), protocol)).toMatchObject({ kind: 'answer' });
    });

    test('a Service that is deleted is gone', async () => {
      const { route, listeners } = await serve({ name: name('old'), protocol, endpoints: pods });
      await applyAll(plane, [{ type: 'delete', route }]);
      expect(await dial(a, only(listeners), protocol)).toEqual({ kind: 'refused' });
      expect((await plane.observe()).filter(listener => listener.route === route.key)).toEqual([]);
    });
  });

  test('this process reaches a port of a pod, over both protocols', async () => {
    const [to] = pods;
    if (to === undefined) throw new Error('no pod');
    const connection: Duplex = await link.connectTcp(to);
    connection.write('?');
    const [answer] = await once(connection, 'data');
    expect(String(answer)).toBe(`a ${to.address} 8080 ${PLAN.gateway}\n`);
    connection.destroy();
    const peer = await link.connectUdp(to);
    const message = await new Promise(resolve => {
      peer.listen({ onMessage: resolve, onClose: () => resolve(undefined) });
      peer.send(Buffer.from('?'));
    });
    expect(String(message)).toBe(`a ${to.address} 8080 ${PLAN.gateway}\n`);
    peer.close();
  });

  test('what it observes are the listeners that it has reported', async () => {
    const { route, listeners } = await serve({ name: 'seen', protocol: 'TCP', endpoints: pods });
    expect((await plane.observe()).filter(listener => listener.route === route.key)).toEqual(listeners);
  });

  test('without a link Services go on, relays reset their clients, and a new link serves both again', async () => {
    const web = only((await serve({ name: 'on', protocol: 'TCP', endpoints: pods })).listeners);
    const ide = { address: await inside.reach('TCP', here), port: here.port };
    link.close();
    await link.closed;
    const alone = serviceOf({ name: 'later', protocol: 'TCP', endpoints: pods });
    expect((await plane.apply([{ type: 'set', route: alone }])).failure).toBe('the connection to the gateway is lost');
    expect(await dial(a, web, 'TCP')).toMatchObject({ kind: 'answer' });
    // The gateway learns of the end a moment later.
    await eventually('reset of the client', async () => {
      const answer = await dial(a, ide, 'TCP');
      return answer?.kind === 'failed' && answer.code === 'ECONNRESET';
    });
    link = await open();
    expect(await dial(a, ide, 'TCP')).toMatchObject({ kind: 'answer', host: 'ide' });
    await applyAll(plane, [{ type: 'set', route: alone }]);
  });

  test('ends at a signal', async () => {
    const ended = once(program, 'exit');
    program.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    await link.closed;
  });
});
