import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { KubeObject } from '../kube/index.ts';
import { parseManifest } from '../kube/manifest/index.ts';
import type { Listener } from '../planes/index.ts';
import type { RunningState } from './state.ts';
import { askRunning, runningState, streamFrom } from './state-client.ts';
import { StateServer } from './state-server.ts';

const VERSION = '1.2.3';
const STATE: RunningState = {
  version: VERSION,
  pid: 4711,
  name: 'shop',
  inputs: ['a.yaml'],
  objects: [],
  listeners: [],
};

let base: string;
let folder: string;
const closers: (() => void)[] = [];
const environment = { ...process.env };

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'switchboard-admin-'));
  folder = join(base, 'switchboard');
  await mkdir(folder, { mode: 0o700 });
  process.env.XDG_RUNTIME_DIR = base;
});
afterEach(async () => {
  for (const close of closers.splice(0)) close();
  for (const name of ['XDG_RUNTIME_DIR', 'SUDO_UID', 'TMPDIR']) {
    if (environment[name] === undefined) delete process.env[name];
    else process.env[name] = environment[name];
  }
  await rm(base, { recursive: true });
});

/** A process at a state socket that answers arbitrarily. */
async function at(path: string, answer: (socket: Socket) => void): Promise<Server> {
  const sockets = new Set<Socket>();
  const server = createServer(socket => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    answer(socket);
  });
  closers.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  await new Promise<void>(done => server.listen(path, done));
  return server;
}

function states(pid: number, data: unknown): Promise<Server> {
  return at(join(folder, `up-${pid}.sock`), socket => socket.end(JSON.stringify(data)));
}

const ask = () => runningState(VERSION, { silenceMs: 100, totalMs: 500, maxBytes: 100_000 });
const refused = async () => {
  const error: unknown = await ask().catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'SWB_NOT_RUNNING' });
  return error instanceof Error ? error.message : '';
};

async function exampleObjects(): Promise<KubeObject[]> {
  const root = join(import.meta.dirname, '../../examples');
  const names = (await readdir(root, { recursive: true })).filter(name => name.endsWith('.yaml'));
  const texts = await Promise.all(names.map(name => readFile(join(root, name), 'utf8')));
  const options = { primaryFamily: 'IPv4', defaultNamespace: 'default' } as const;
  return texts.flatMap(text => parseManifest(text, options).objects.map(({ object }) => object));
}

describe('a running up', () => {
  test('reports its state with all objects and listeners', async () => {
    const objects = await exampleObjects();
    expect(new Set(objects.map(({ kind }) => kind))).toContain('StatefulSet');
    const listeners: Listener[] = [
      {
        route: 'shop/web:http/TCP/IPv4',
        frontend: { kind: 'clusterIP', address: undefined, port: 80 },
        address: '127.128.0.1',
        port: 80,
        protocol: 'TCP',
        moved: 'why',
      },
      {
        route: 'a',
        frontend: { kind: 'nodePort', port: 30_000 },
        address: '',
        port: 0,
        protocol: 'SCTP',
        failed: 'no',
      },
    ];
    const state = { ...STATE, pid: process.pid, objects, listeners };
    const failed: string[] = [];
    const server = new StateServer({ state: () => state }, why => failed.push(why));
    closers.push(() => server.close());
    const found = await runningState(VERSION);
    expect(found).toEqual(JSON.parse(JSON.stringify(state)));
    expect(failed).toEqual([]);
  });

  test('that cannot report its state keeps running, and the client gets an error', async () => {
    const failed: string[] = [];
    const server = new StateServer(
      {
        state: () => {
          throw new Error('no state');
        },
      },
      why => failed.push(why),
    );
    closers.push(() => server.close());
    expect(await refused()).toMatch(/it sent no complete JSON/);
    expect(failed).toEqual(['no state']);
  });

  test('answers other requests, and none that it does not offer, which is no failure', async () => {
    const failed: string[] = [];
    const job = (name: unknown) => ({ job: `${name}-1` });
    const server = new StateServer({ state: () => STATE, job }, why => failed.push(why));
    closers.push(() => server.close());
    await runningState(VERSION).catch(() => undefined);
    expect(await askRunning(process.pid, 'job', 'backup')).toEqual({ job: 'backup-1' });
    expect(await askRunning(process.pid, 'probe', [])).toBeNull();
    expect(failed).toEqual([]);
  });

  test('sends lines until it has no more, and one that has just ended is reported as such', async () => {
    const logs = async (query: unknown, send: (value: unknown) => void): Promise<void> => {
      send(query);
      send({ text: 'b' });
    };
    const server = new StateServer({ state: () => STATE, logs }, () => undefined);
    closers.push(() => server.close());
    await runningState(VERSION).catch(() => undefined);
    const lines: unknown[] = [];
    for await (const line of streamFrom(process.pid, 'logs', 'web')) lines.push(line);
    expect(lines).toEqual(['web', { text: 'b' }]);
    const crashed = await at(join(folder, 'other'), () => undefined);
    await rename(join(folder, 'other'), join(folder, 'up-4711.sock'));
    await new Promise(done => crashed.close(done));
    await expect(streamFrom(4711, 'logs', 'web').next()).rejects.toMatchObject({ code: 'SWB_NOT_RUNNING' });
  });
});

describe('rejects a process at the socket that sends', () => {
  test.each<[what: string, answer: (socket: Socket) => void, why: RegExp]>([
    ['half a state', socket => socket.end(JSON.stringify(STATE).slice(0, 40)), /it sent no complete JSON/],
    ['nothing and closes', socket => socket.end(), /it sent no complete JSON/],
    ['nothing and stays connected', () => undefined, /it sent nothing for 100 ms/],
    ['a byte now and then', socket => drip(socket), /it did not finish within 500 ms/],
    ['something and then nothing', socket => void socket.write('{'), /it sent nothing for 100 ms/],
    ['too much', socket => void socket.write(`"${'a'.repeat(200_000)}`), /it sent more than 100000 bytes/],
    ['another version', socket => socket.end('{"version":"9"}'), /runs is not of version 1\.2\.3/],
    ['a list', socket => socket.end('[]'), /something other than its state/],
  ])('%s', async (_what, answer, why) => {
    await at(join(folder, 'up-4711.sock'), answer);
    expect(await refused()).toMatch(why);
  });

  const meta = { name: 'web', namespace: 'shop', labels: {}, annotations: {}, owners: [] };
  test.each<[what: string, data: object]>([
    ['a pid with a line break', { pid: '4711\n127.0.0.1 bank.example' }],
    ['a pid that is no whole number', { pid: 4711.5 }],
    ['an object of another kind', { objects: [{ kind: 'Secret', meta }] }],
    ['an object that is none', { objects: [null] }],
    ['an object without a name', { objects: [{ kind: 'Namespace', meta: { ...meta, name: undefined } }] }],
    ['a name with a line break', { objects: [{ kind: 'Namespace', meta: { ...meta, name: 'a\nb' } }] }],
    ['a Service without its ports', { objects: [{ kind: 'Service', meta }] }],
    ['a listener without a frontend', { listeners: [{ route: 'a', address: '127.0.0.1', port: 1, protocol: 'TCP' }] }],
    [
      'a listener at no address',
      {
        listeners: [{ route: 'a', frontend: { kind: 'nodePort' }, address: '127.0.0.1\n', port: 1, protocol: 'TCP' }],
      },
    ],
  ])('%s', async (_what, data) => {
    await states(4711, { ...STATE, ...data });
    expect(await refused()).toMatch(/up-4711\.sock does not answer as .*something other than its state/);
  });

  test('the pid of another process than that of the socket name', async () => {
    await states(4711, { ...STATE, pid: 1 });
    expect(await refused()).toMatch(/up-4711\.sock does not answer as .*it claims to be process 1/);
  });

  test('control characters, which an error message escapes', async () => {
    await states(4711, { ...STATE, inputs: ['\u001b]0;title\u0007'] });
    await states(4712, { ...STATE, pid: 4712 });
    expect(await refused()).toMatch(/^several run: shop \(pid 4711, \\x1b\]0;title\\x07\), shop \(pid 4712, a\.yaml\)/);
  });
});

describe('the owner of a socket', () => {
  test('removes a socket that a crash left', async () => {
    const path = join(folder, 'up-4711.sock');
    const server = await at(join(folder, 'other'), () => undefined);
    await rename(join(folder, 'other'), path);
    await new Promise(done => server.close(done));
    expect(await refused()).toMatch(/^no "switchboard up" of yours runs/);
    expect(await readdir(folder)).toEqual([]);
  });

  test('rejects a folder that is open to others', async () => {
    await states(4711, STATE);
    await chmod(folder, 0o755);
    await expect(ask()).rejects.toMatchObject({ code: 'SWB_RUNTIME_FOLDER' });
  });

  test('rejects a folder that is a link', async () => {
    await states(4711, STATE);
    await rename(folder, join(base, 'elsewhere'));
    await symlink(join(base, 'elsewhere'), folder);
    await expect(ask()).rejects.toMatchObject({ code: 'SWB_RUNTIME_FOLDER' });
  });

  describe.runIf(process.getuid?.() === 0)('as root by way of sudo', () => {
    const UID = 54_322;
    let theirs: string;
    beforeEach(async () => {
      process.env.TMPDIR = base;
      process.env.SUDO_UID = String(UID);
      theirs = join(base, `switchboard-${UID}`);
      await mkdir(theirs, { mode: 0o700 });
      await chown(theirs, UID, UID);
    });

    test('finds the up of the user who ran sudo', async () => {
      await at(join(theirs, 'up-4711.sock'), socket => socket.end(JSON.stringify(STATE)));
      await chown(join(theirs, 'up-4711.sock'), UID, UID);
      expect((await ask()).pid).toBe(4711);
    });

    test("ignores another user's socket in that user's folder", async () => {
      await at(join(theirs, 'up-4711.sock'), socket => socket.end(JSON.stringify(STATE)));
      expect(await refused()).toMatch(/^no "switchboard up" of yours runs/);
    });

    test('ignores a folder that others may write to', async () => {
      await at(join(theirs, 'up-4711.sock'), socket => socket.end(JSON.stringify(STATE)));
      await chown(join(theirs, 'up-4711.sock'), UID, UID);
      await chmod(theirs, 0o777);
      expect(await refused()).toMatch(/^no "switchboard up" of yours runs/);
    });
  });
});

/** Sends a byte more often than the limit of silence, until the other side has had enough. */
function drip(socket: Socket): void {
  const timer = setInterval(() => socket.write(' '), 20);
  socket.on('close', () => clearInterval(timer)).on('error', () => undefined);
}
