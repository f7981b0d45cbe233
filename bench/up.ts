/**
 * How long `up` takes until its first listener answers, until it has printed its table, and until an edited port
 * answers; and peak memory; with 1 and with 1,000 Services of 3 endpoints each. Runs the built package in a fresh
 * process for every round.
 *
 *   npm run bench            five rounds
 *   npm run bench -- 11      eleven
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROUNDS = Number(process.argv[2] ?? 5);
const MAIN = resolve(import.meta.dirname, '../dist/cli/main.js');

interface Round {
  readonly firstListenerMs: number;
  readonly tableMs: number;
  readonly editMs: number;
  readonly peakMib: number;
}

function manifest(services: number, target: number): string {
  return Array.from({ length: services }, (_, i) => {
    const endpoints = [1, 2, 3].map(n => `{ addresses: [127.0.${n}.1] }`).join(', ');
    return `apiVersion: v1
kind: Service
metadata: { name: s${i}, namespace: bench, labels: { app: s${i} } }
spec: { selector: { app: s${i} }, ports: [{ name: http, port: 8080, targetPort: http }] }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: s${i}-1, namespace: bench, labels: { kubernetes.io/service-name: s${i}, endpointslice.kubernetes.io/managed-by: endpointslice-controller.k8s.io } }
addressType: IPv4
ports: [{ name: http, port: ${target} }]
endpoints: [${endpoints}]
`;
  }).join('---\n');
}

async function round(file: string, address: string): Promise<Round> {
  const begin = performance.now();
  const child = spawn(process.execPath, [MAIN, 'up', '-f', file], { stdio: ['ignore', 'pipe', 'pipe'] });
  let listening: number | undefined;
  const poll = async (): Promise<void> => {
    while (listening === undefined && child.exitCode === null) {
      if (await answers(address)) listening = performance.now() - begin;
    }
  };
  const polling = poll();
  const tableMs = await new Promise<number>((done, fail) => {
    let stderr = '';
    child.stdout.resume();
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      if (/^ready: /m.test(stderr)) done(performance.now() - begin);
    });
    child.on('exit', () => fail(new Error(stderr)));
  });
  await polling;
  const editMs = await edit(file, address);
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1];
  child.removeAllListeners('exit');
  child.kill('SIGINT');
  await new Promise(done => child.once('exit', done));
  return { firstListenerMs: listening ?? Number.NaN, tableMs, editMs, peakMib: Number(peak) / 1024 };
}

/** From the write that moves the first Service to another port until that port answers; then restores the file. */
async function edit(file: string, address: string): Promise<number> {
  const before = readFileSync(file, 'utf8');
  const begin = performance.now();
  writeFileSync(file, before.replace('port: 8080', 'port: 8081'));
  const moved = address.replace(/8080$/, '8081');
  while (!(await answers(moved))) if (performance.now() - begin > 10_000) throw new Error('the edit was never live');
  const took = performance.now() - begin;
  writeFileSync(file, before);
  return took;
}

function answers(address: string): Promise<boolean> {
  const [host = '', port] = address.split(':');
  return new Promise(done => {
    const socket = connect(Number(port), host);
    socket.once('connect', () => {
      socket.destroy();
      done(true);
    });
    socket.once('error', () => setTimeout(() => done(false), 2));
  });
}

/** The address of the first Service: the same in every run. */
async function addressOf(file: string): Promise<string> {
  const child = spawn(process.execPath, [MAIN, 'up', '-f', file, '-o', 'jsonl'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  await new Promise<void>(done =>
    child.stderr.setEncoding('utf8').on('data', (text: string) => text.includes('ready:') && done()),
  );
  child.kill('SIGINT');
  await new Promise(done => child.once('close', done));
  const first: unknown = JSON.parse(stdout.split('\n')[0] ?? '');
  const listener = (first as { listeners: { address: string; port: number }[] }).listeners[0];
  return `${listener?.address}:${listener?.port}`;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const target = createServer().listen(0, '127.0.1.1');
await new Promise(done => target.once('listening', done));
const address = target.address();
const port = typeof address === 'object' && address !== null ? address.port : 0;
const folder = mkdtempSync(join(tmpdir(), 'switchboard-bench-'));
try {
  console.log(`node ${process.versions.node}, ${cpus().length} cores, ${ROUNDS} rounds; median (min..max)`);
  for (const services of [1, 1000]) {
    const file = join(folder, `${services}.yaml`);
    writeFileSync(file, manifest(services, port));
    const first = await addressOf(file);
    const rounds: Round[] = [];
    for (let i = 0; i < ROUNDS; i += 1) rounds.push(await round(file, first));
    const show = (pick: (round: Round) => number) => {
      const values = rounds.map(pick);
      return `${median(values).toFixed(0)} (${Math.min(...values).toFixed(0)}..${Math.max(...values).toFixed(0)})`;
    };
    console.log(
      `${services} Services: first listener ${show(r => r.firstListenerMs)} ms, all and table ${show(r => r.tableMs)} ms, an edit live after ${show(r => r.editMs)} ms, peak memory ${show(r => r.peakMib)} MiB`,
    );
  }
} finally {
  rmSync(folder, { recursive: true });
  target.close();
}
