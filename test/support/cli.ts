/**
 * The command line as a user runs it: the built package in a process of its own.
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { eventually } from '../../testing/eventually.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const MAIN = join(ROOT, 'dist/cli/main.js');

export interface RunOptions {
  readonly cwd?: string;
  /** Standard input; null keeps it open without data. */
  readonly stdin?: string | null;
  readonly env?: Readonly<Record<string, string>>;
  /** Words in front of the command, such as those that enter a network namespace. */
  readonly enter?: readonly string[];
  /** Runs as this user, if the test is root. */
  readonly uid?: number;
  /** The limit of open files. */
  readonly maxFiles?: number;
}

export interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command and waits for its end. */
export async function switchboard(args: readonly string[], options: RunOptions = {}): Promise<Result> {
  const running = new Running(args, options);
  const code = await running.exited;
  return { code, stdout: running.stdout, stderr: running.stderr };
}

/** Starts `up` and waits until it is ready. */
export async function up(args: readonly string[], options: RunOptions = {}): Promise<Running> {
  const running = new Running(['up', ...args], options);
  await running.until(/^ready: /m, 'stderr');
  return running;
}

/** Processes that still run when the tests end, such as those of a failed test, are ended. */
const alive = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

export class Running {
  stdout = '';
  stderr = '';
  readonly exited: Promise<number | null>;
  readonly #child: ChildProcess;
  readonly #waiting = new Set<() => void>();

  constructor(args: readonly string[], options: RunOptions = {}) {
    const limit = options.maxFiles === undefined ? [] : ['sh', '-c', `ulimit -n ${options.maxFiles}; exec "$@"`, 'sh'];
    const [program = process.execPath, ...rest] = [...(options.enter ?? []), ...limit, process.execPath, MAIN, ...args];
    this.#child = spawn(program, rest, {
      cwd: options.cwd ?? ROOT,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#add('stdout', text));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => this.#add('stderr', text));
    this.#child.stdin?.on('error', () => undefined);
    if (options.stdin !== null) this.#child.stdin?.end(options.stdin ?? '');
    const child = this.#child;
    alive.add(child);
    child.once('exit', () => alive.delete(child));
    this.exited = new Promise((done, fail) => {
      this.#child.on('error', fail);
      this.#child.on('close', code => {
        done(code);
        for (const wake of this.#waiting) wake();
      });
    });
  }

  get output(): string {
    return `--- stdout\n${this.stdout}\n--- stderr\n${this.stderr}`;
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('the command was not started');
    return this.#child.pid;
  }

  /** Resolves when the output matches; with `after`, only the output after that offset. */
  async until(pattern: RegExp, stream: 'stdout' | 'stderr' = 'stdout', after = 0): Promise<RegExpExecArray> {
    return eventually(`${pattern} on ${stream}`, () => pattern.exec(this[stream].slice(after)) ?? undefined, {
      process: this,
    });
  }

  /** Calls back on every output until it returns a value. */
  wake(callback: () => void): () => void {
    this.#waiting.add(callback);
    return () => this.#waiting.delete(callback);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Stops reading, as `head` does. */
  closeOutput(stream: 'stdout' | 'stderr'): void {
    this.#child[stream]?.destroy();
  }

  /** Sends Ctrl-C, and once more after a moment; resolves when the process has exited. */
  async stop(): Promise<number | null> {
    this.signal('SIGINT');
    const again = setTimeout(() => this.signal('SIGINT'), 3000);
    const code = await this.exited;
    clearTimeout(again);
    return code;
  }

  /** The ADDRESS of a row of the table: `address('shop/web', 'ClusterIP')`. */
  address(service: string, type = 'ClusterIP', port = ''): string {
    const row = this.stdout.split('\n').find(line => {
      const cells = line.split(/ {3,}/);
      return cells[0] === service && cells[1] === type && (cells[3] ?? '').startsWith(port);
    });
    const address = row?.split(/ {3,}/)[2];
    if (address === undefined) throw new Error(`no row ${service} ${type} ${port} in\n${this.stdout}\n${this.stderr}`);
    return address;
  }

  #add(stream: 'stdout' | 'stderr', text: string): void {
    this[stream] += text;
    for (const wake of this.#waiting) wake();
  }
}

/** A temporary folder with these files. */
export async function folder(files: Readonly<Record<string, string>>): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'switchboard-test-'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** A Service and its EndpointSlice for a server on loopback. */
export function serviceTo(name: string, port: number, target: number, address = '127.0.0.1'): string {
  return `apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: { ports: [{ name: http, port: ${port} }] }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: ${name}-1, labels: { kubernetes.io/service-name: ${name} } }
addressType: IPv4
ports: [{ name: http, port: ${target} }]
endpoints: [{ addresses: [${address}] }]
---
`;
}

/** A Deployment that runs a script with node, and its Service. */
export function deployment(
  name: string,
  script: string,
  options: { replicas?: number; container?: string; spec?: string } = {},
): string {
  return `apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: { selector: { app: ${name} }, ports: [{ name: http, port: 80, targetPort: http }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  replicas: ${options.replicas ?? 1}
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      terminationGracePeriodSeconds: 2
      ${options.spec ?? ''}
      containers:
        - name: main
          image: none
          command: [node, -e, ${JSON.stringify(script)}]
          ports: [{ name: http, containerPort: 8080 }]
          env:
            - { name: POD_IP, valueFrom: { fieldRef: { fieldPath: status.podIP } } }
            - { name: POD_NAME, valueFrom: { fieldRef: { fieldPath: metadata.name } } }
          ${(options.container ?? '').replaceAll('\n', '\n          ')}
---
`;
}

/** Answers with the pod's name; on SIGTERM, finishes the requests under way. */
export const HELLO =
  "const server = require('http').createServer((q, s) => s.end(process.env.POD_NAME)).listen(8080, process.env.POD_IP); process.on('SIGTERM', () => { server.close(() => process.exit(0)); server.closeIdleConnections(); })";
