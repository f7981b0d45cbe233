/** Pods with networks of their own: what they reach, who reaches them, and what happens where that is not possible. */

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readdir, symlink } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { eventually } from '../../testing/eventually.ts';
import { podNetworksMissing } from '../../testing/pod-networks.ts';
import { titled } from '../../testing/requirements.ts';
import { deployment, folder, type Running, type RunOptions, switchboard, up } from '../support/cli.ts';
import { gatewayOf, marked, markOf } from '../support/pod-processes.ts';

const missing = podNetworksMissing();
const NOBODY = 65_534;
const READY = 'readinessProbe: { httpGet: { path: /, port: http }, periodSeconds: 1 }';

/** Listens at all addresses, as nearly every application does, and answers with a word and the client's address. */
const wildcard = (word: string, port = 8080) =>
  `require('http').createServer((q, s) => s.end('${word} to ' + q.socket.remoteAddress)).listen(${port}, '0.0.0.0')`;

/** A pod that prints what each URL answers once its Service has an endpoint. */
function asks(urls: readonly string[]): string {
  const script = `(async () => { for (const url of ${JSON.stringify(urls)}) {
    let answer = '';
    do answer = await fetch(url).then(r => r.text(), e => String(e.cause ?? e)); while (/ECONNREFUSED/.test(answer));
    console.log('ASKED ' + url + ' = ' + answer);
  } })()`;
  return `apiVersion: v1
kind: Pod
metadata: { name: client, labels: { app: client } }
spec: { restartPolicy: OnFailure, containers: [{ name: c, image: none, command: [node, -e, ${JSON.stringify(script)}] }] }
---
`;
}

async function start(yaml: string, args: readonly string[] = [], options: RunOptions = {}): Promise<Running> {
  const running = await up(['--run', '--no-dns', '-f', '-', ...args], { stdin: yaml, ...options });
  onTestFinished(async () => {
    await running.stop();
  });
  return running;
}

async function get(address: string): Promise<string> {
  const response = await fetch(`http://${address}/`, { headers: { connection: 'close' } });
  return response.text();
}

const answerTo = (running: Running, url: string) =>
  running.until(new RegExp(`ASKED ${url.replaceAll('.', '\\.')} = (.*)`), 'stderr').then(([, answer]) => answer ?? '');

/** Resolves when a Service has an endpoint. */
const ready = (running: Running, name: string) =>
  running.until(new RegExp(`default/${name}\\b.*(?: [1-9]/\\d +Ready|Ready [1-9]/)`));

describe.skipIf(missing !== undefined).each([
  ['root', {}],
  ['an unprivileged user', { uid: NOBODY, env: { HOME: tmpdir() } }],
])(titled('for %s', missing), (_who, as) => {
  test('A23: two applications that listen on one port of 0.0.0.0 answer for their own Services', async () => {
    const yaml = ['a', 'b'].map(name => deployment(name, wildcard(name), { container: READY })).join('');
    const running = await start(yaml, [], as);
    for (const name of ['a', 'b']) {
      await ready(running, name);
      expect(await get(running.address(`default/${name}`))).toMatch(new RegExp(`^${name} to `));
    }
  });

  test('a Service whose targetPort is left out works with an application on 0.0.0.0', async () => {
    const yaml = deployment('web', wildcard('web', 8088), { container: READY })
      .replace('port: 80, targetPort: http', 'port: 8088')
      .replace('containerPort: 8080', 'containerPort: 8088');
    const running = await start(yaml, [], as);
    await ready(running, 'web');
    expect(running.address('default/web')).toMatch(/^127\.\d+\.\d+\.\d+:8088$/);
    expect(await get(running.address('default/web'))).toMatch(/^web to /);
  });

  test('A9, A20, E4: a pod dials Services by address and name, and servers see the address of the pod', async () => {
    const urls = ['http://web', 'http://web.default.svc.cluster.local:80', 'http://no-such-service'];
    const running = await start(deployment('web', wildcard('web')) + asks(urls), [], as);
    expect(await answerTo(running, 'http://web')).toMatch(/^web to 10\.244\.\d+\.\d+$/);
    expect(await answerTo(running, 'http://web.default.svc.cluster.local:80')).toMatch(/^web to 10\.244\./);
    expect(await answerTo(running, 'http://no-such-service')).toMatch(/ENOTFOUND|EAI_AGAIN/);
  });

  test('G10: a pod that dials its own Service gets an answer', async () => {
    const script = `${wildcard('self')}.on('listening', () => fetch('http://web/').then(r => r.text()).then(t => console.log('SELF ' + t)))`;
    const running = await start(deployment('web', script), [], as);
    await running.until(/SELF self to /, 'stderr');
  });

  test('G6: a process of this machine is an endpoint for the front door and for pods', async () => {
    const ide = createServer((_request, response) => response.end('the IDE'));
    await new Promise<void>(done => ide.listen(0, '127.0.0.1', done));
    onTestFinished(() => void ide.close());
    const { port } = ide.address() as AddressInfo;
    const yaml = `apiVersion: v1
kind: Service
metadata: { name: ide }
spec: { type: NodePort, selector: { app: ide }, ports: [{ port: 80, targetPort: ${port}, nodePort: 31234 }] }
---
apiVersion: v1
kind: Service
metadata: { name: headless }
spec: { clusterIP: None, selector: { app: ide }, ports: [{ port: ${port} }] }
---
apiVersion: v1
kind: Pod
metadata: { name: ide, labels: { app: ide } }
spec: { containers: [{ name: main, image: none }] }
---
`;
    const urls = ['http://ide/', `http://headless:${port}/`, 'http://169.254.1.1:31234/'];
    const running = await start(yaml + asks(urls), ['--pod', `ide=127.0.0.1:${port}`], as);
    expect(await get(running.address('default/ide'))).toBe('the IDE');
    for (const url of urls) expect(await answerTo(running, url)).toBe('the IDE');
  });
});

describe.skipIf(missing !== undefined)(titled('a gateway', missing), () => {
  test('A25: a pod with hostNetwork is reached by its Service, from this machine and from pods', async () => {
    const pod = deployment('node', wildcard('node', 8099), { spec: 'hostNetwork: true' }).replace(
      'containerPort: 8080',
      'containerPort: 8099',
    );
    const running = await start(pod + asks(['http://node/']));
    await ready(running, 'node');
    expect(await answerTo(running, 'http://node/')).toMatch(/^node to 10\.244\./);
    expect(await get(running.address('default/node'))).toMatch(/^node to /);
  });
  test('G6: carries datagrams of pods to a process of this machine', async () => {
    const ide = createSocket('udp4');
    ide.on('message', (message, from) => ide.send(`the IDE got ${message}`, from.port, from.address));
    ide.bind(0, '127.0.0.1');
    await once(ide, 'listening');
    onTestFinished(() => void ide.close());
    const script = `const socket = require('dgram').createSocket('udp4'); socket.on('message', m => { console.log('SAID ' + m); process.exit(); });
      setInterval(() => socket.send('hello', 53, process.env.IDE_SERVICE_HOST), 100)`;
    const yaml = `apiVersion: v1
kind: Service
metadata: { name: ide }
spec: { ports: [{ port: 53, protocol: UDP }] }
---
apiVersion: v1
kind: Pod
metadata: { name: client }
spec: { restartPolicy: Never, containers: [{ name: c, image: none, command: [node, -e, ${JSON.stringify(script)}] }] }
---
`;
    const running = await start(yaml, ['--endpoint', `svc/ide=127.0.0.1:${ide.address().port}`]);
    await running.until(/SAID the IDE got hello/, 'stderr');
  });

  test('E6: that is killed ends everything, and leaves no process and no file', async () => {
    await using runtime = await folder({});
    const env = { XDG_RUNTIME_DIR: runtime.path, HOME: tmpdir() };
    const running = await start(deployment('web', wildcard('web')), [], { env });
    await running.until(/Ready/);
    const mark = markOf(running.pid);
    const gateway = gatewayOf(running.pid);
    expect(marked(mark)).toHaveLength(1);
    process.kill(gateway, 'SIGKILL');
    expect(await running.exited).not.toBe(0);
    await eventually('the end of all pods', () => marked(mark).length === 0);
    expect((await readdir(join(runtime.path, 'switchboard'))).filter(name => name.startsWith('pods-'))).toEqual([]);
  });
});

describe('where no namespaces are possible', () => {
  test('E12: pods share the network of this machine, and the reason is printed', async () => {
    await using bin = await folder({});
    await symlink(process.execPath, join(bin.path, 'node'));
    const running = await start(deployment('web', wildcard('web')), [], { env: { PATH: bin.path, HOME: tmpdir() } });
    expect(running.stderr).toMatch(/^network: shared \(.*program "unshare" is missing; it is part of util-linux/m);
    await ready(running, 'web');
  });

  test('E12: --network namespaces fails with the reason', async () => {
    await using dir = await folder({ 'app.yaml': deployment('web', wildcard('web')) });
    const args = ['up', '--run', '--network', 'namespaces', '-f', dir.path];
    const { code, stderr } = await switchboard(args, { env: { PATH: dir.path, HOME: tmpdir() } });
    expect(stderr).toMatch(/unshare.*\(SWB_RUN_UNSUPPORTED\)/);
    expect(code).toBe(2);
  });
});

describe('in a shared network', () => {
  const late = `setTimeout(() => ${wildcard('b')}, 300)`;

  test.each([
    ['with a readiness probe', READY],
    ['without a probe', ''],
  ])('A: a pod %s whose port another pod answers is not ready, and the other pod is named', async (_how, container) => {
    const yaml = deployment('a', wildcard('a'), { container: READY }) + deployment('b', late, { container });
    const running = await start(yaml, ['--network', 'shared']);
    await ready(running, 'a');
    await running.until(/default\/b.*port 8080 is answered by pod default\/a-\S+, not by this pod/);
    await running.until(
      /warning: pod default\/b-\S+ *: port 8080 is answered by pod default\/a-\S+,.*--network namespaces/,
      'stderr',
    );
    expect(await get(running.address('default/a'))).toMatch(/^a to /);
    await expect(get(running.address('default/b'))).rejects.toThrow();
  });
});
