/**
 * DNS beside dnsmasq: the same 5,000 names, asked by dnsperf (8 clients, 100 outstanding), in turns. Told are questions
 * per second, and questions per second of processor time that the server itself used, which holds on a busy machine too.
 * Needs dnsperf and dnsmasq.
 *
 *   npm run build && node bench/dns.ts        three rounds of 4 s
 *   node bench/dns.ts 7 10                    seven of 10 s
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { promisify } from 'node:util';

const [ROUNDS = 3, SECONDS = 4] = process.argv.slice(2).map(Number);
const MAIN = resolve(import.meta.dirname, '../dist/cli/main.js');
const SERVICES = 5000;
const TICKS_A_SECOND = 100;

interface Server {
  readonly name: string;
  readonly port: number;
  readonly process: ChildProcess;
}

const folder = mkdtempSync(join(tmpdir(), 'switchboard-bench-'));
const at = (file: string) => join(folder, file);

function writeWorld(): void {
  const services = Array.from({ length: SERVICES }, (_, i) => ({
    name: `svc-${i}`,
    namespace: `ns-${i % 50}`,
    address: `10.96.${i >> 8}.${i & 255}`,
  }));
  const manifest = services.map(
    ({ name, namespace, address }) =>
      `apiVersion: v1\nkind: Service\nmetadata: { name: ${name}, namespace: ${namespace} }\nspec: { clusterIP: ${address}, ports: [{ name: http, port: 80 }] }\n`,
  );
  const host = (s: (typeof services)[number]) => `${s.name}.${s.namespace}.svc.cluster.local`;
  writeFileSync(at('services.yaml'), manifest.join('---\n'));
  writeFileSync(at('names'), services.map(service => `${host(service)} A\n`).join(''));
  writeFileSync(at('hosts'), services.map(service => `${service.address} ${host(service)}\n`).join(''));
}

function start(name: string, port: number, command: string, args: readonly string[]): Server {
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  process.once('exit', () => child.kill('SIGKILL'));
  return { name, port, process: child };
}

/** User and system time of a process, in seconds. */
function processorTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}

async function measure({ port, process: { pid = 0 } }: Server) {
  const before = processorTime(pid);
  const args = [
    '-s',
    '127.0.0.1',
    '-p',
    String(port),
    '-d',
    at('names'),
    '-c',
    '8',
    '-q',
    '100',
    '-l',
    String(SECONDS),
  ];
  const { stdout } = await promisify(execFile)('dnsperf', args);
  const completed = Number(/Queries completed:\s+(\d+)/.exec(stdout)?.[1]);
  const lost = Number(/Queries lost:\s+(\d+)/.exec(stdout)?.[1]);
  const rate = Number(/Queries per second:\s+([\d.]+)/.exec(stdout)?.[1]);
  return { rate, lost, perSecondUsed: completed / (processorTime(pid) - before) };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

const thousands = (value: number) => `${(value / 1000).toFixed(0)}k`;

writeWorld();
const dns = ['dns', '-f', at('services.yaml'), '--listen', '127.0.0.1:5399', '--no-forward'];
const dnsmasq = [
  '--keep-in-foreground',
  '--port=5398',
  '--listen-address=127.0.0.1',
  '--bind-interfaces',
  '--no-resolv',
];
const servers = [
  start('switchboard', 5399, process.execPath, [MAIN, ...dns]),
  start('dnsmasq', 5398, 'dnsmasq', [
    ...dnsmasq,
    '--no-hosts',
    `--addn-hosts=${at('hosts')}`,
    '--local=/cluster.local/',
  ]),
];
await after(4000);
const results = new Map(servers.map(server => [server.name, [] as Awaited<ReturnType<typeof measure>>[]]));
// The first round warms up.
for (let round = 0; round <= ROUNDS; round++) {
  for (const server of servers) {
    const result = await measure(server);
    if (round > 0) results.get(server.name)?.push(result);
  }
}
for (const [name, all] of results) {
  const rates = all.map(result => thousands(result.rate)).join(' ');
  const used = median(all.map(result => result.perSecondUsed));
  const lost = all.reduce((sum, result) => sum + result.lost, 0);
  process.stdout.write(
    `${name.padEnd(12)} questions/s: ${rates}   per second of processor time: ${thousands(used)}   lost: ${lost}\n`,
  );
}
for (const { process: child } of servers) {
  child.kill('SIGTERM');
  await once(child, 'exit');
}
rmSync(folder, { recursive: true });
