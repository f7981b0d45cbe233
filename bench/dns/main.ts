/**
 * DNS beside dnsmasq and unbound: the same names from local data, one core each, asked by dnsperf (32 clients, 100
 * outstanding) in turns, so that what else runs on the machine meets all alike. Questions per second of processor time
 * that the server itself used hold on a busy machine, too. Needs dnsperf, dnsmasq, unbound; taskset keeps them apart.
 *
 *   npm run bench:dns                                        three rounds of 3 s
 *   npm run bench:dns -- --rounds 7 --seconds 10 --sizes 100,5000,30000 --json dns.json
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { median } from '../nftables/stats.ts';
import { Contender, type ContenderName, hasTaskset, PORTS, TWO_CORES_ARE_FREE } from './contenders.ts';
import { type Latency, type Load, measureLatency, measureLoad } from './load.ts';
import { type LoadRow, latencyTable, loadTable } from './report.ts';
import { KINDS, type Kind, type World, writeWorld } from './world.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '3' },
    sizes: { type: 'string', default: '100,5000,30000' },
    json: { type: 'string' },
  },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
const sizes = values.sizes.split(',').map(Number);
/** The size at which all kinds of questions are asked. */
const middle = sizes[sizes.length >> 1] ?? 5000;

/** Every name is asked often enough to be known to whoever keeps answers, and code has become fast. */
const WARM_UP_SECONDS = 3;

const folder = mkdtempSync(join(tmpdir(), 'switchboard-bench-'));
// dnsmasq reads its names as a user of its own.
chmodSync(folder, 0o755);
const rows: LoadRow[] = [];
const latencies: { name: string; half: number; runs: Latency[] }[] = [];
const megabytes = new Map<string, number>();

/** Rounds over all servers, in turns; the first warms up. */
async function inTurns(servers: readonly Contender[], world: World, kind: Kind): Promise<void> {
  const results = new Map<string, Load[]>(servers.map(server => [server.name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const server of servers) {
      const load = await measureLoad(server, world.questions(kind), round === 0 ? WARM_UP_SECONDS : seconds);
      if (round > 0) results.get(server.name)?.push(load);
    }
  }
  for (const [name, loads] of results) rows.push({ services: world.services, kind, name, loads });
}

async function paced(servers: readonly Contender[], world: World): Promise<void> {
  const ours = rows.find(row => row.services === middle && row.kind === 'A' && row.name === 'switchboard');
  const half = median(ours?.loads.map(load => load.rate) ?? []) / 2;
  for (const { name } of servers) latencies.push({ name, half, runs: [] });
  for (let round = 0; round < rounds; round++) {
    for (const [index, server] of servers.entries()) {
      latencies[index]?.runs.push(await measureLatency(server, world.questions('A'), seconds, half));
    }
  }
}

for (const services of sizes) {
  process.stderr.write(`${services} Services\n`);
  const world = writeWorld(folder, services, PORTS);
  const upstream = await Contender.start('upstream', world);
  const names: ContenderName[] = ['switchboard', 'dnsmasq', 'unbound'];
  if (services === middle) names.push('dnsmasq with SRV', 'switchboard, 2 sockets');
  const servers: Contender[] = [];
  for (const name of names) servers.push(await Contender.start(name, world));
  for (const kind of services === middle ? KINDS : (['A'] as const)) {
    await inTurns(
      servers.filter(server => server.answers(kind)),
      world,
      kind,
    );
    process.stderr.write(`  ${kind}\n`);
  }
  if (services === middle) {
    const withAddresses = servers.filter(server => server.answers('A'));
    await paced(withAddresses, world);
  }
  for (const server of servers) megabytes.set(`${services} ${server.name}`, server.megabytes());
  for (const server of [...servers, upstream]) await server.stop();
}
rmSync(folder, { recursive: true });

const [smallest = 0, largest = 0] = [Math.min(...sizes), Math.max(...sizes)];
const growth = (name: string) => {
  const [small = Number.NaN, large = Number.NaN] = [smallest, largest].map(n => megabytes.get(`${n} ${name}`));
  return ((large - small) * 1024 * 1024) / (largest - smallest);
};
const memoryArgs = ['--expose-gc', join(import.meta.dirname, 'memory.ts'), String(largest)];
const own = [0, 2].map(endpoints => ({
  endpoints,
  ...JSON.parse(execFileSync(process.execPath, [...memoryArgs, String(endpoints)], { encoding: 'utf8' })),
}));

const machine = `${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)} at the end`;
const pinned = hasTaskset() ? 'kept to cores' : 'taskset is missing, so cores are shared';
process.stdout.write(`${machine}; ${pinned}; ${rounds} rounds of ${seconds} s\n\n${loadTable(rows)}\n\n`);
if (!TWO_CORES_ARE_FREE) {
  process.stdout.write(
    'Two sockets share the second core with dnsperf here: their rate says little, their cost does.\n\n',
  );
}
process.stdout.write(`${latencyTable(latencies)}\n\n`);
for (const name of ['switchboard', 'dnsmasq', 'unbound']) {
  process.stdout.write(
    `memory of ${name}, from ${smallest} to ${largest} Services: ${Math.round(growth(name))} bytes each\n`,
  );
}
for (const { endpoints, idle, asked } of own) {
  process.stdout.write(`DNS' own share, ${endpoints} endpoints: ${idle} bytes a Service; all asked for: ${asked}\n`);
}
if (values.json !== undefined) {
  const memory = Object.fromEntries(megabytes);
  writeFileSync(
    values.json,
    `${JSON.stringify({ machine, rounds, seconds, rows, latencies, megabytes: memory, own }, null, 2)}\n`,
  );
}
