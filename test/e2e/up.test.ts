import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../../testing/eventually.ts';
import { folder, type Running, serviceTo, switchboard, up } from '../support/cli.ts';

let server: Server;
let target: number;

beforeAll(async () => {
  server = createServer((_request, response) => response.end('hello'));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  target = (server.address() as AddressInfo).port;
});
afterAll(() => server.close());

async function get(address: string): Promise<string> {
  const response = await fetch(`http://${address}/`, { headers: { connection: 'close' } });
  return response.text();
}

async function withUp(args: readonly string[], body: (running: Running) => Promise<void>): Promise<void> {
  const running = await up(args);
  try {
    await body(running);
  } finally {
    await running.stop();
  }
}

describe('a manifest is served', () => {
  test('on an address of its own with the port of the Service, the same in every run', async () => {
    await using dir = await folder({ 'web.yaml': serviceTo('web', 8099, target) });
    const seen: string[] = [];
    for (let run = 0; run < 2; run += 1) {
      await withUp(['-f', dir.path], async running => {
        const address = running.address('default/web');
        expect(address).toMatch(/^127\.\d+\.\d+\.\d+:8099$/);
        expect(await get(address)).toBe('hello');
        seen.push(address);
      });
    }
    expect(seen[0]).toBe(seen[1]);
  });

  test('from standard input, as helm template writes it, and counts the objects of skipped kinds', async () => {
    const input = `---\n# Source: chart/web.yaml\n${serviceTo('web', 8099, target)}apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: { name: web }\n`;
    const running = await up(['-v', '-f', '-'], { stdin: input });
    expect(await get(running.address('default/web'))).toBe('hello');
    expect(running.stderr).toMatch(/skipped 1 object of a kind that Switchboard does not use: .*Ingress/);
    expect(await running.stop()).toBe(0);
  });

  test('and data goes to standard output, all else to standard error', async () => {
    await using dir = await folder({ 'web.yaml': serviceTo('web', 8099, target) });
    await withUp(['-f', dir.path, '-o', 'jsonl'], async running => {
      const lines = running.stdout
        .trim()
        .split('\n')
        .map(line => JSON.parse(line));
      expect(lines).toMatchObject([{ event: 'route', name: 'default/web:http', state: 'Ready' }]);
      await writeFile(join(dir.path, 'more.yaml'), serviceTo('more', 8098, target));
      const [line] = await running.until(/^.*route-added.*$/m);
      expect(JSON.parse(line)).toMatchObject({
        event: 'route-added',
        route: 'default/more:http',
        listeners: [{ port: 8098 }],
      });
    });
  });
});

describe('an edit', () => {
  test('is live, and says what changed', async () => {
    await using dir = await folder({ 'web.yaml': serviceTo('web', 8099, target) });
    await withUp(['-f', dir.path], async running => {
      const [host] = running.address('default/web').split(':');
      await writeFile(join(dir.path, 'web.yaml'), serviceTo('web', 8097, target));
      await running.until(/port 8099 is now/);
      expect(await get(`${host}:8097`)).toBe('hello');
      await expect(get(`${host}:8099`)).rejects.toThrow();
    });
  });

  const broken: [name: string, text: string, said: RegExp][] = [
    ['that is no YAML', 'kind: [', /web\.yaml:1:\d+ {2}/],
    [
      'with a value that the API refuses',
      serviceTo('web', 70000, 80),
      /web\.yaml:4:\d+ {2}Service default\/web {2}spec\.ports\[0\]\.port {2}.*70000/,
    ],
    [
      'with a quoted number for a name',
      serviceTo('web', 8099, 80).replace('port: 8099', 'port: 8099, targetPort: "80"'),
      /spec\.ports\[0\]\.targetPort {2}.*80.* {2}\S/,
    ],
  ];
  test.each(broken)('%s changes nothing and says so', async (_name, text, said) => {
    await using dir = await folder({
      'web.yaml': serviceTo('web', 8099, target),
      'other.yaml': serviceTo('other', 8098, target),
    });
    await withUp(['-f', dir.path], async running => {
      await writeFile(join(dir.path, 'web.yaml'), text);
      await running.until(said, 'stderr');
      expect(await get(running.address('default/web'))).toBe('hello');
      await writeFile(join(dir.path, 'other.yaml'), serviceTo('other', 8097, target));
      await running.until(/port 8098 is now/);
      await writeFile(join(dir.path, 'web.yaml'), serviceTo('web', 8096, target));
      await running.until(/port 8099 is now/);
    });
  });

  test('by an editor that replaces the file is seen', async () => {
    await using dir = await folder({ 'web.yaml': serviceTo('web', 8099, target) });
    const file = join(dir.path, 'web.yaml');
    await withUp(['-f', file], async running => {
      for (const port of [8098, 8097]) {
        await writeFile(join(dir.path, '.web.yaml.swp'), serviceTo('web', port, target));
        await rename(join(dir.path, '.web.yaml.swp'), file);
        await running.until(new RegExp(`port ${port + 1} is now`));
      }
    });
  });

  test('in two halves never takes a Service away', async () => {
    await using dir = await folder({ 'web.yaml': serviceTo('web', 8099, target) });
    const file = join(dir.path, 'web.yaml');
    await withUp(['-f', dir.path], async running => {
      await writeFile(file, '');
      await writeFile(file, serviceTo('web', 8098, target));
      await running.until(/port 8099 is now/);
      expect(running.stdout).not.toMatch(/route removed/);
    });
  });

  test('that removes the folder ends its Services, and they are there again when it is', async () => {
    await using dir = await folder({});
    const inner = join(dir.path, 'k8s');
    await mkdir(inner);
    await writeFile(join(inner, 'web.yaml'), serviceTo('web', 8099, target));
    await withUp(['-f', inner], async running => {
      const address = running.address('default/web');
      await rm(inner, { recursive: true });
      await running.until(/- default\/web:http {2}route removed/);
      await running.until(/k8s.*no such file or folder/, 'stderr');
      await mkdir(inner);
      await writeFile(join(inner, 'web.yaml'), serviceTo('web', 8099, target));
      await running.until(/\+ default\/web:http/);
      expect(await get(address)).toBe('hello');
    });
  });
});

describe('ports that cannot be had', () => {
  test('a busy port is moved, and its owner named', async () => {
    await using dir = await folder({
      'lb.yaml': serviceTo('lb', 8099, target).replace(
        'ports: [{ name: http, port',
        'type: NodePort, ports: [{ name: http, nodePort: 31555, port',
      ),
    });
    const busy = createTcpServer();
    await new Promise<void>(resolve => busy.listen(31555, '127.0.0.1', resolve));
    try {
      await withUp(['-f', dir.path], async running => {
        const address = running.address('default/lb', 'NodePort');
        expect(address).not.toContain(':31555');
        expect(running.stdout).toMatch(new RegExp(`31555.*${process.pid}`));
        expect(await get(address)).toBe('hello');
      });
    } finally {
      busy.close();
    }
  });

  test('two instances at once both serve, the second on other ports', async () => {
    await using dir = await folder({ 'web.yaml': serviceTo('web', 8099, target) });
    await withUp(['-f', dir.path], async first => {
      await withUp(['-f', dir.path], async second => {
        expect(second.address('default/web')).not.toBe(first.address('default/web'));
        expect(await get(second.address('default/web'))).toBe('hello');
        expect(await get(first.address('default/web'))).toBe('hello');
      });
    });
  });

  test.skipIf(process.getuid?.() !== 0)('a port below 1024 without the right is a stable high one', async () => {
    const floor = Number(await readFile('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8').catch(() => '1024'));
    await using dir = await folder({});
    const running = await up(['-f', '-'], { uid: 65534, stdin: serviceTo('web', 80, target), env: { HOME: dir.path } });
    const address = running.address('default/web');
    if (floor > 80) expect(address).not.toMatch(/:80$/);
    expect(await get(address)).toBe('hello');
    await running.stop();
  });
});

describe('endpoints that something else runs', () => {
  const manifest = `apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ name: http, port: 8099, targetPort: http }] }
---
apiVersion: v1
kind: Pod
metadata: { name: web-0, labels: { app: web } }
spec: { containers: [{ name: web, image: nginx, ports: [{ name: http, containerPort: 80 }] }] }
`;
  test('a pod without an address is said, with what to do', async () => {
    const running = await up(['-f', '-'], { stdin: manifest });
    expect(running.stdout).toMatch(/NoEndpoints +web-0: no address/);
    expect(running.stderr).toMatch(/default\/web-0.*--pod default\/web-0=127\.0\.0\.1:PORT/);
    await running.stop();
  });
  test('--pod says where it listens', async () => {
    const running = await up(['-f', '-', '--pod', `default/web-0=127.0.0.1:${target}`], { stdin: manifest });
    expect(await get(running.address('default/web'))).toBe('hello');
    await running.stop();
  });
  test('--endpoint makes a process the endpoint of a Service port', async () => {
    const running = await up(['-f', '-', '--endpoint', `svc/web:http=localhost:${target}`], { stdin: manifest });
    expect(await get(running.address('default/web'))).toBe('hello');
    await running.stop();
  });
  test('an override that matches nothing is reported', async () => {
    const running = await up(['-f', '-', '--pod', 'default/wbe-0=127.0.0.1:1'], { stdin: manifest });
    await running.until(/--pod default\/wbe-0 matches nothing/, 'stderr');
    await running.stop();
  });
});

describe('the end', () => {
  test('Ctrl-C lets an open connection finish', async () => {
    const running = await up(['-f', '-'], { stdin: serviceTo('web', 8099, await echoPort()) });
    const [host = '', port] = running.address('default/web').split(':');
    const socket = connect(Number(port), host);
    await new Promise(resolve => socket.once('connect', resolve));
    socket.write('one');
    await new Promise(resolve => socket.once('data', resolve));
    running.signal('SIGINT');
    await running.until(/stopping/, 'stderr');
    await eventually('refusal of new connections', async () =>
      (await refused(host, Number(port))) ? true : undefined,
    );
    socket.write('two');
    const [data] = await Promise.all([new Promise<Buffer>(resolve => socket.once('data', resolve))]);
    expect(String(data)).toBe('two');
    socket.end();
    expect(await running.exited).toBe(0);
  });
  test('a second Ctrl-C quits at once', async () => {
    const running = await up(['-f', '-', '--drain', '600'], { stdin: serviceTo('web', 8099, await echoPort()) });
    const [host = '', port] = running.address('default/web').split(':');
    const socket = connect(Number(port), host);
    socket.on('error', () => undefined);
    await new Promise(resolve => socket.once('connect', resolve));
    socket.write('one');
    await new Promise(resolve => socket.once('data', resolve));
    running.signal('SIGINT');
    await running.until(/stopping/, 'stderr');
    running.signal('SIGINT');
    expect(await running.exited).toBe(0);
  });
});

test('without any Service it waits and says so', async () => {
  const running = await up(['-f', '-'], { stdin: '' });
  expect(running.stderr).toMatch(/there is no Service in the inputs/);
  await running.stop();
  expect((await switchboard(['up'])).code).toBe(2);
});

const echoes: Server[] | { close(): void }[] = [];
afterAll(() => {
  for (const echo of echoes) echo.close();
});

async function echoPort(): Promise<number> {
  const echo = createTcpServer(socket => socket.on('error', () => undefined).pipe(socket));
  (echoes as { close(): void }[]).push(echo);
  await new Promise<void>(resolve => echo.listen(0, '127.0.0.1', resolve));
  return (echo.address() as AddressInfo).port;
}

function refused(host: string, port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, host);
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', () => resolve(true));
  });
}
