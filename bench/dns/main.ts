/**
 * DNS compared with dnsmasq and unbound: the same names from local data, one core each, queried by dnsperf (32 clients,
 * 100 outstanding) in turns, so that other load on the machine affects all alike. Answers per second of a server's own
 * processor time are valid on a busy machine, too. Needs dnsperf, dnsmasq and unbound; pins processes with taskset.
 *
 *   npm run bench:dns                                        three rounds of 3 s
 *   npm run bench:dns -- --rounds 7 --seconds 10 --sizes 100,5000,30000 --json dns.json
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { median } from '../../testing/statistics.ts';
import { Contender, hasTaskset, TWO_CORES_ARE_FREE } from './contenders.ts';
import { type Latency, type Load, measureLatency, measureLoad } from './load.ts';
import { type LoadRow, latencyTable, loadTable } from './report.ts';
import { KINDS, type Kind, portsOf, writeWorld } from './world.ts';

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
/** The size at which all kinds of queries are measured. */
const middle = sizes[sizes.length >> 1] ?? 5000;

/** Queries every name often enough to fill the caches and to let V8 optimise. */
const WARM_UP_SECONDS = 3;

/** For every size. */
const NAMES = ['switchboard', 'dnsmasq', 'unbound'] as const;

const folder = mkdtempSync(join(tmpdir(), 'switchboard-bench-'));
// dnsmasq reads its names as a user of its own.
chmodSync(folder, 0o755);
const rows: LoadRow[] = [];
const latencies: { name: string; half: number; runs: Latency[] }[] = [];
const megabytes = new Map<string, number>();

/** Rounds over all servers, in turns; the first one warms up. */
async function inTurns(servers: readonly Contender[], kind: Kind): Promise<void> {
  const results = servers.map((server): { server: Contender; loads: Load[] } => ({ server, loads: [] }));
  for (let round = 0; round <= rounds; round++) {
    for (const { server, loads } of results) {
      const load = await measureLoad(server, server.world.questions(kind), round === 0 ? WARM_UP_SECONDS : seconds);
      if (round > 0) loads.push(load);
    }
  }
  for (const { server, loads } of results) {
    rows.push({ services: server.world.services, kind, name: server.name, loads });
  }
  process.stderr.write(`  ${kind}\n`);
}

async function paced(servers: readonly Contender[]): Promise<void> {
  const ours = rows.find(row => row.services === middle && row.kind === 'A' && row.name === 'switchboard');
  const half = median(ours?.loads.map(load => load.rate) ?? []) / 2;
  for (const { name } of servers) latencies.push({ name, half, runs: [] });
  for (let round = 0; round < rounds; round++) {
    for (const [index, server] of servers.entries()) {
      latencies[index]?.runs.push(await measureLatency(server, server.world.questions('A'), seconds, half));
    }
  }
}

// All sizes run at once, since the machine's performance varies more from minute to minute than they differ.
const servers: Contender[] = [];
let upstream: Contender | undefined;
for (const [index, services] of sizes.entries()) {
  process.stderr.write(`${services} Services\n`);
  const world = writeWorld(folder, services, portsOf(index));
  upstream ??= await Contender.start('upstream', world);
  for (const name of NAMES) servers.push(await Contender.start(name, world));
  if (services !== middle) continue;
  for (const name of ['dnsmasq with SRV', 'switchboard, 2 sockets'] as const) {
    servers.push(await Contender.start(name, world));
  }
}
await inTurns(
  servers.filter(server => server.answers('A')),
  'A',
);
for (const server of servers) megabytes.set(`${server.world.services} ${server.name}`, server.megabytes());
const ofMiddle = servers.filter(({ world }) => world.services === middle);
for (const kind of KINDS.filter(each => each !== 'A')) {
  await inTurns(
    ofMiddle.filter(server => server.answers(kind)),
    kind,
  );
}
await paced(ofMiddle.filter(server => server.answers('A')));
for (const server of servers) await server.stop();
await upstream?.stop();
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
const pinned = hasTaskset() ? 'pinned to cores' : 'taskset is missing, so cores are shared';
process.stdout.write(`${machine}; ${pinned}; ${rounds} rounds of ${seconds} s\n\n${loadTable(rows)}\n\n`);
if (!TWO_CORES_ARE_FREE) {
  process.stdout.write(
    'Two sockets share the second core with dnsperf here: compare their cost and not their rate.\n\n',
  );
}
process.stdout.write(`${latencyTable(latencies)}\n\n`);
for (const name of NAMES) {
  const cost = (services: number) =>
    median(
      rows
        .find(row => row.services === services && row.kind === 'A' && row.name === name)
        ?.loads.map(load => load.perProcessorSecond) ?? [],
    );
  const of = (cost(largest) / cost(smallest)).toFixed(2);
  process.stdout.write(`answers per processor second of ${name} at ${largest} Services, ratio to ${smallest}: ${of}\n`);
}
for (const name of NAMES) {
  process.stdout.write(
    `memory of ${name}, from ${smallest} to ${largest} Services: ${Math.round(growth(name))} bytes per Service\n`,
  );
}
for (const { endpoints, idle, queried } of own) {
  process.stdout.write(
    `DNS structures, ${endpoints} endpoints: ${idle} bytes per Service; after a query for each: ${queried}\n`,
  );
}
if (values.json !== undefined) {
  const memory = Object.fromEntries(megabytes);
  writeFileSync(
    values.json,
    `${JSON.stringify({ machine, rounds, seconds, rows, latencies, megabytes: memory, own }, null, 2)}\n`,
  );
}
