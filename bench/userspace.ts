/**
 * The cost of connections through the userspace plane: new connections, requests on kept connections, and bulk,
 * compared with a direct connection and with the simplest proxy in Node (`pipe()` both ways), interleaved in one run.
 *
 *     node bench/userspace.ts [--rounds 5] [--ms 1000]
 *
 * Each proxy has its own process, pinned to the first core if `taskset` is installed; the load and the servers share
 * the other cores. Ratios are ratios of medians. No test asserts any of these figures.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { connect, createServer, type Socket } from 'node:net';
import { cpus, loadavg, release } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createUserspacePlane } from '../src/planes/userspace/index.ts';
import type { ProxiedRoute } from '../src/routing/index.ts';
import { endpointOf, routeOf } from '../testing/route-of.ts';

const HOST = '127.64.0.1';
const { values } = parseArgs({
  options: {
    role: { type: 'string', default: 'load' },
    echo: { type: 'string', default: '0' },
    bulk: { type: 'string', default: '0' },
    rounds: { type: 'string', default: '5' },
    ms: { type: 'string', default: '1000' },
  },
});

const CLIENTS = 32;
/** All cores, even if this process is pinned to some. */
const CORES = cpus().length;

/** A single core needs no pinning. */
const PIN = values.role === 'load' && CORES > 1 && spawnSync('taskset', ['-V']).status === 0;
if (PIN) spawnSync('taskset', ['-cp', `1-${CORES - 1}`, String(process.pid)]);

interface Way {
  readonly name: string;
  readonly process: ChildProcess;
  readonly ports: Ports;
}

interface Sample {
  readonly rate: number;
  /** Microseconds of the process's processor time for each unit of work. */
  readonly cpu: number;
}

interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

interface Ports {
  readonly address: string;
  readonly echo: number;
  readonly bulk: number;
}

/** A kind of work: runs for a while against an address and returns its rate per second. */
interface Work {
  readonly name: string;
  readonly unit: string;
  /** The name of one unit. */
  readonly each: string;
  readonly run: (ports: Ports, ms: number) => Promise<number>;
}

const WORKS: readonly Work[] = [
  {
    name: 'new connections',
    unit: '/s',
    each: 'connection',
    run: ({ address, echo }, ms) => newConnections(address, echo, ms),
  },
  {
    name: 'requests on kept connections',
    unit: '/s',
    each: 'request',
    run: ({ address, echo }, ms) => requests(address, echo, ms),
  },
  { name: 'bulk', unit: 'Gbit/s', each: 'Gbit', run: ({ address, bulk }, ms) => bulkTransfer(address, bulk, ms) },
];

async function load(rounds: number, ms: number): Promise<void> {
  console.log(`node ${process.version}, kernel ${release()}, ${CORES} x ${cpus()[0]?.model}`);
  const [quiet = 0] = loadavg();
  if (quiet > 0.5) console.log(`load average ${quiet.toFixed(2)} at the start: do not publish these figures`);
  const ways: Way[] = [];
  try {
    const direct = await start('direct', 'servers', 'others', []);
    ways.push(direct);
    const target = ['--echo', String(direct.ports.echo), '--bulk', String(direct.ports.bulk)];
    ways.push(await start('pipe()', 'pipe', 'first', target), await start('switchboard', 'ours', 'first', target));
    for (const work of WORKS) {
      const samples = new Map<Way, Sample[]>(ways.map(way => [way, []]));
      for (let round = -1; round < rounds; round++) {
        for (const way of ways) {
          const sample = await measure(work, way, ms);
          if (round >= 0) samples.get(way)?.push(sample); // the first round warms up
        }
      }
      print(work, samples);
    }
  } finally {
    for (const way of ways) way.process.kill();
  }
}

async function measure(work: Work, way: Way, ms: number): Promise<Sample> {
  const before = await cpuMicros(way);
  const rate = await work.run(way.ports, ms);
  return { rate, cpu: ((await cpuMicros(way)) - before) / ((rate * ms) / 1_000) };
}

/** Load and servers share a core and may limit the rates, so processor time per unit is printed, too. */
function print(work: Work, samples: ReadonlyMap<Way, readonly Sample[]>): void {
  const summary = [...samples].map(([way, list]) => ({
    name: way.name,
    rate: spread(list.map(sample => sample.rate)),
    cpu: spread(list.map(sample => sample.cpu)),
  }));
  const ours = summary.find(({ name }) => name === 'switchboard');
  console.log(`\n${work.name}`);
  for (const { name, rate, cpu } of summary) {
    const proxy = name === 'direct' ? '' : `, ${text(cpu)} us of processor for each ${work.each}`;
    const ratio = (mine: Spread | undefined, theirs: Spread) => ((mine?.median ?? 0) / theirs.median).toFixed(2);
    const rateRatio =
      name === 'switchboard' ? '' : `\n${' '.repeat(15)}switchboard: ${ratio(ours?.rate, rate)} of its rate`;
    const cpuRatio = name === 'pipe()' ? `, ${ratio(ours?.cpu, cpu)} of its processor time` : '';
    console.log(`  ${name.padEnd(12)} ${text(rate)} ${work.unit}${proxy}${rateRatio}${cpuRatio}`);
  }
}

function text({ median, least, most }: Spread): string {
  const figure = (value: number) => (value < 1_000 ? value.toFixed(2) : Math.round(value).toString());
  return `${figure(median)} (${figure(least)} to ${figure(most)})`;
}

function spread(list: readonly number[]): Spread {
  const sorted = [...list].sort((a, b) => a - b);
  return { median: sorted[Math.floor(sorted.length / 2)] ?? 0, least: sorted[0] ?? 0, most: sorted.at(-1) ?? 0 };
}

/** Starts this file in another role and waits for the ports that it reports. */
function start(name: string, role: string, core: 'first' | 'others', args: string[]): Promise<Way> {
  const command = [process.execPath, fileURLToPath(import.meta.url), '--role', role, ...args];
  const cores = core === 'first' ? '0' : `1-${CORES - 1}`;
  const pinned = PIN ? ['taskset', '-c', cores, ...command] : command;
  const child = spawn(pinned[0] ?? '', pinned.slice(1), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', code => reject(new Error(`${role} exited with ${code}`)));
    child.once('message', message => {
      if (isPorts(message)) resolve({ name, process: child, ports: message });
      else reject(new Error(`${role} sent ${JSON.stringify(message)}`));
    });
  });
}

function isPorts(message: unknown): message is Ports {
  return (
    typeof message === 'object' && message !== null && 'address' in message && 'echo' in message && 'bulk' in message
  );
}

/** Microseconds of processor time that the process has used. */
function cpuMicros(way: Way): Promise<number> {
  return new Promise(resolve => {
    way.process.once('message', micros => resolve(Number(micros)));
    way.process.send('cpu');
  });
}

// ---- the load ----

async function newConnections(address: string, port: number, ms: number): Promise<number> {
  const until = performance.now() + ms;
  let done = 0;
  const once = () =>
    new Promise<void>((resolve, reject) => {
      const socket = connect({ host: address, port, noDelay: true }, () => socket.write('x'));
      socket.once('data', () => {
        done++;
        // Reset instead of FIN: without TIME_WAIT, local ports do not run out.
        socket.resetAndDestroy();
        resolve();
      });
      socket.once('error', reject);
    });
  await Promise.all(
    Array.from({ length: CLIENTS }, async () => {
      while (performance.now() < until) await once();
    }),
  );
  return (done * 1_000) / ms;
}

async function requests(address: string, port: number, ms: number): Promise<number> {
  const request = Buffer.alloc(64, 'r');
  const sockets = await Promise.all(Array.from({ length: CLIENTS }, () => open(address, port)));
  let done = 0;
  for (const socket of sockets) {
    let left = request.length;
    socket.on('data', chunk => {
      left -= chunk.length;
      if (left > 0) return;
      left = request.length;
      done++;
      socket.write(request);
    });
    socket.write(request);
  }
  await new Promise(resolve => setTimeout(resolve, ms));
  for (const socket of sockets) socket.resetAndDestroy();
  return (done * 1_000) / ms;
}

async function bulkTransfer(address: string, port: number, ms: number): Promise<number> {
  const sockets = await Promise.all([open(address, port), open(address, port)]);
  let bytes = 0;
  for (const socket of sockets) {
    socket.on('data', chunk => {
      bytes += chunk.length;
    });
  }
  await new Promise(resolve => setTimeout(resolve, ms));
  for (const socket of sockets) socket.resetAndDestroy();
  return (bytes * 8) / (ms * 1e6);
}

function open(address: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port, noDelay: true }, () => resolve(socket));
    socket.on('error', reject);
  });
}

// ---- the servers and proxies ----

async function servers(): Promise<void> {
  const echo = createServer({ noDelay: true }, socket => {
    socket.on('data', chunk => socket.write(chunk)).on('error', () => {});
  });
  const block = Buffer.alloc(64 * 1024);
  const bulk = createServer(socket => {
    const fill = () => {
      while (!socket.destroyed && socket.write(block));
    };
    socket.on('drain', fill).on('error', () => {});
    fill();
  });
  for (const server of [echo, bulk]) await new Promise<void>(resolve => server.listen(0, HOST, resolve));
  report({ address: HOST, echo: portOf(echo), bulk: portOf(bulk) });
}

async function pipeProxy(): Promise<void> {
  const proxy = (port: number) =>
    createServer({ noDelay: true }, client => {
      const upstream = connect({ host: HOST, port, noDelay: true });
      client.on('error', () => upstream.destroy()).pipe(upstream);
      upstream.on('error', () => client.destroy()).pipe(client);
    });
  const echo = proxy(Number(values.echo));
  const bulk = proxy(Number(values.bulk));
  for (const server of [echo, bulk]) await new Promise<void>(resolve => server.listen(0, HOST, resolve));
  report({ address: HOST, echo: portOf(echo), bulk: portOf(bulk) });
}

async function ours(): Promise<void> {
  const plane = createUserspacePlane();
  const { outcomes } = await plane.apply([
    { type: 'set', route: route('echo', Number(values.echo)) },
    { type: 'set', route: route('bulk', Number(values.bulk)) },
  ]);
  const listeners = outcomes.flatMap(outcome => outcome.listeners);
  const listener = (name: string) => listeners.find(l => l.route.includes(`:${name}/`));
  report({
    address: listener('echo')?.address ?? '',
    echo: listener('echo')?.port ?? 0,
    bulk: listener('bulk')?.port ?? 0,
  });
}

function route(portName: string, port: number): ProxiedRoute {
  const endpoints = [endpointOf(HOST, { port, local: true })];
  const frontends = [{ kind: 'clusterIP', address: undefined, port }] as const;
  return routeOf({ service: 'bench/userspace', portName, port, targetPort: port, endpoints, frontends });
}

function portOf(server: ReturnType<typeof createServer>): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Reports the ports to the parent, and then its processor time on request. */
function report(ports: Ports): void {
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send?.(user + system);
  });
  process.on('disconnect', () => process.exit());
  process.send?.(ports);
}

switch (values.role) {
  case 'servers':
    await servers();
    break;
  case 'pipe':
    await pipeProxy();
    break;
  case 'ours':
    await ours();
    break;
  default:
    await load(Number(values.rounds), Number(values.ms));
}
