/**
 * Pods with networks of their own: how long ten take to start, what a connection through a Service costs beside a direct one
 * in the same network, what the front door costs beside the shared network, and memory with 30 pods.
 *
 *   npm run bench:pods                    three rounds of two seconds
 *   npm run bench:pods -- 5 3             five rounds of three seconds
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { resolve } from 'node:path';
import { median } from '../../testing/statistics.ts';
import { isLoad, LOADS, type Load, measure } from './load.ts';

const ROUNDS = Number(process.argv[2] ?? 3);
const SECONDS = Number(process.argv[3] ?? 2);
const MAIN = resolve(import.meta.dirname, '../../dist/cli/main.js');
const LOAD = resolve(import.meta.dirname, 'load.ts');

const SERVER = `const http = require('http'); const net = require('net');
http.createServer((q, s) => s.end('hello')).listen(8080, '0.0.0.0');
const chunk = Buffer.alloc(65536);
net.createServer(c => { c.on('error', () => {}); const more = () => { while (c.write(chunk)); }; c.on('drain', more); more(); }).listen(8081, '0.0.0.0');`;

const READY = ', readinessProbe: { tcpSocket: { port: 8081 }, periodSeconds: 600 }';

function manifest(replicas: number, script: string, probe = ''): string {
  return `apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ name: http, port: 80, targetPort: 8080 }, { name: bulk, port: 81, targetPort: 8081 }] }
---
apiVersion: v1
kind: Service
metadata: { name: pods }
spec: { clusterIP: None, selector: { app: web } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      terminationGracePeriodSeconds: 0
      containers: [{ name: web, image: none, command: [node, -e, ${JSON.stringify(script)}]${probe} }]
---
`;
}

function client(): string {
  const args = JSON.stringify(['node', LOAD, String(ROUNDS), String(SECONDS)]);
  return `apiVersion: v1
kind: Pod
metadata: { name: client }
spec: { restartPolicy: Never, containers: [{ name: c, image: none, command: ${args} }] }
`;
}

/** A running `up`; its standard output and error. */
class Up {
  text = '';
  readonly #child;
  #wake = (): void => undefined;

  constructor(yaml: string, network: string) {
    const args = [MAIN, 'up', '--run', '--no-dns', '--network', network, '-f', '-'];
    this.#child = spawn(process.execPath, args, { stdio: 'pipe' });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.text += text;
        this.#wake();
      });
    }
    this.#child.stdin.end(yaml);
  }

  async until(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.text);
      if (found !== null) return found;
      if (this.#child.exitCode !== null) throw new Error(this.text);
      await new Promise<void>(done => {
        this.#wake = done;
      });
    }
  }

  /** Proportional memory of the process and of the gateway that it has started, in MB: pages that both map count once. */
  megabytes(): number {
    const all = [this.#child.pid ?? 0, ...descendants(this.#child.pid ?? 0)];
    const own = all.filter(pid => read(pid, 'cmdline').includes(MAIN) && !read(pid, 'comm').startsWith('sh'));
    return own.reduce((sum, pid) => sum + Number(/^Pss:\s+(\d+)/m.exec(read(pid, 'smaps_rollup'))?.[1] ?? 0), 0) / 1024;
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    await once(this.#child, 'exit');
  }
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

function descendants(pid: number): number[] {
  const children = read(pid, `task/${pid}/children`).trim().split(' ').filter(Boolean).map(Number);
  return children.flatMap(child => [child, ...descendants(child)]);
}

async function startOf(count: number, network: string): Promise<number> {
  const begin = performance.now();
  const up = new Up(manifest(count, 'setInterval(() => {}, 1e6)'), network);
  await up.until(new RegExp(`${count}/${count}`));
  const took = performance.now() - begin;
  await up.stop();
  return took;
}

/** The applications' own start: as many node processes, until each has run its first line. */
async function ownStart(count: number): Promise<number> {
  const begin = performance.now();
  const children = Array.from({ length: count }, () =>
    spawn(process.execPath, ['-e', 'console.log(1); setInterval(() => {}, 1e6)'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  );
  await Promise.all(children.map(child => once(child.stdout, 'data')));
  const took = performance.now() - begin;
  for (const child of children) child.kill('SIGKILL');
  return took;
}

function line(what: string, value: string): void {
  process.stdout.write(`${what.padEnd(58)} ${value}\n`);
}

process.stdout.write(
  `Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model}; ${ROUNDS} rounds of ${SECONDS} s\n`,
);

const starts: Record<string, number[]> = { own: [], namespaces: [], shared: [] };
for (let round = 0; round < ROUNDS; round++) {
  starts.own?.push(await ownStart(10));
  for (const network of ['namespaces', 'shared']) starts[network]?.push(await startOf(10, network));
}
for (const [name, values] of Object.entries(starts)) {
  line(
    `10 pods from start to all ready: ${name === 'own' ? 'the applications alone' : name}`,
    `${median(values).toFixed(0)} ms`,
  );
}

// In the network of the pods: through the Service and directly, in turns.
const inside = new Up(manifest(1, SERVER, READY) + client(), 'namespaces');
const [, json = ''] = await inside.until(/LOAD (.*)/);
await inside.stop();
const report: unknown = JSON.parse(json);
if (!isLoad(report)) throw new Error('the client reported something else');
for (const kind of LOADS) {
  const { service, direct } = report[kind];
  line(
    `pod to pod, ${kind}: through the Service, direct, ratio`,
    `${fixed(service)}, ${fixed(direct)}, ${(service / direct).toFixed(2)}`,
  );
}

// From this machine: the front door of both networks, in turns.
const doors: Record<string, Record<Load, number[]>> = {};
for (let round = 0; round < ROUNDS; round++) {
  for (const network of ['namespaces', 'shared']) {
    const up = new Up(manifest(1, SERVER, READY), network);
    const [, http = ''] = await up.until(/default\/web +ClusterIP +(\S+) +80 .* 1\/1 +Ready/);
    const [, bulk = ''] = await up.until(/default\/web +ClusterIP +(\S+) +81 .* 1\/1 +Ready/);
    const found = doors[network] ?? { requests: [], connections: [], bulk: [] };
    doors[network] = found;
    for (const kind of LOADS) found[kind].push(await measure(kind, kind === 'bulk' ? bulk : http, SECONDS));
    await up.stop();
  }
}
for (const kind of LOADS) {
  const [namespaces, shared] = ['namespaces', 'shared'].map(network => median(doors[network]?.[kind] ?? []));
  line(
    `front door, ${kind}: namespaces, shared, ratio`,
    `${fixed(namespaces)}, ${fixed(shared)}, ${((namespaces ?? 0) / (shared ?? 1)).toFixed(2)}`,
  );
}

const many = new Up(manifest(30, 'setInterval(() => {}, 1e6)'), 'namespaces');
await many.until(/30\/30/);
line('memory with 30 pods, both processes, proportional', `${many.megabytes().toFixed(0)} MB`);
await many.stop();

function fixed(value = Number.NaN): string {
  return value > 100 ? value.toFixed(0) : value.toFixed(2);
}
