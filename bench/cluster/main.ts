/**
 * The node agent in a real cluster, compared with kube-proxy on the same objects in one run: start, latency from the
 * API write to the kernel, a sustained rate of changes, memory and idle processor time. Needs root, nft,
 * `npm run control-plane` and `npm run build`.
 *
 *     node bench/cluster/main.ts [--sizes 5000,30000] [--peer none] [--peer-up-to 5000] [--changes 300] [--rate 500]
 *                                [--seconds 20] [--idle 30] [--out FILE]
 *
 * Every Service has one port and ten endpoints. The API server, its etcd, the writer and the proxy share a
 * network namespace, and the machine.
 */
import { writeFileSync } from 'node:fs';
import { cpus, loadavg, release } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { judgePath } from '../../testing/control-plane/index.ts';
import { median, quantile } from '../../testing/statistics.ts';
import { ApiCluster } from '../nftables/api-cluster.ts';
import { single, sustained } from './changes.ts';
import { Contender } from './contender.ts';
import { enterOwnNode } from './own-node.ts';
import { type Row, ratiosOf, tableOf } from './report.ts';

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '5000,30000' },
    peer: { type: 'string', default: 'kube-proxy' },
    'peer-up-to': { type: 'string', default: '5000' },
    changes: { type: 'string', default: '300' },
    rate: { type: 'string', default: '500' },
    seconds: { type: 'string', default: '20' },
    idle: { type: 'string', default: '30' },
    starts: { type: 'string', default: '3' },
    out: { type: 'string' },
  },
});
const MAIN = join(import.meta.dirname, '../../dist/cli/main.js');
const START_LIMIT_MS = 300_000;
const CHANGES_LIMIT_MS = 120_000;
/** Until V8 has collected the garbage of the start, which it does once more after about ten idle seconds. */
const SETTLE_MS = 20_000;

await enterOwnNode();
await main();

async function main(): Promise<void> {
  const [load = 0] = loadavg();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  const cluster = await ApiCluster.create();
  const kubeProxy = judgePath('kube-proxy', cluster.version);
  // With the options of deploy/.
  const ours = new Contender('switchboard', [process.execPath, '--max-semi-space-size=4', MAIN, 'node'], cluster);
  const peer =
    values.peer === 'none'
      ? undefined
      : new Contender(`kube-proxy ${cluster.version}`, [kubeProxy, '-v', '1'], cluster);
  const head = [
    `node ${process.version}, kernel ${release()}, ${cpus().length} x ${cpus()[0]?.model}`,
    `load average ${load.toFixed(2)} at the start${load > 0.5 ? ': do not publish these figures' : ''}`,
  ].join('\n');
  const rows: Row[] = [];
  try {
    for (const services of values.sizes.split(',').map(Number)) {
      progress(`${services}: writes objects to the API server`);
      await cluster.grow(services);
      rows.push(await measure(ours, services, cluster));
      if (peer !== undefined && services <= Number(values['peer-up-to'])) {
        await cluster.grow(services);
        rows.push(await measure(peer, services, cluster));
      }
      const text = [head, '', tableOf(rows), '', ratiosOf(rows), '', JSON.stringify(rows)].join('\n');
      if (values.out !== undefined) writeFileSync(values.out, `${text}\n`);
      console.log(text);
    }
  } finally {
    await ours.close();
    await peer?.close();
    await cluster.close();
  }
}

async function measure(contender: Contender, services: number, cluster: ApiCluster): Promise<Row> {
  const fast = contender.name === 'switchboard';
  const starts: number[] = [];
  for (let i = 0; i < (fast ? Number(values.starts) : 1); i++) {
    progress(`${services}: ${contender.name} starts`);
    await contender.stop();
    const took = await contender.start(START_LIMIT_MS);
    if (took === undefined) return { services, what: contender.name };
    starts.push(took);
  }
  await sleep(SETTLE_MS);
  const synced = contender.resident;
  progress(`${services}: ${contender.name} is idle`);
  const before = contender.cpuSeconds;
  await sleep(Number(values.idle) * 1_000);
  const idle = (contender.cpuSeconds - before) / Number(values.idle);
  progress(`${services}: ${contender.name}, one change after the other`);
  const one = await single(cluster, contender, {
    services,
    count: Number(values.changes),
    limitMs: CHANGES_LIMIT_MS,
    warmUp: fast ? 50 : 1,
  });
  progress(`${services}: ${contender.name}, ${values.rate} changes a second`);
  const rate = Number(values.rate);
  const seconds = Number(values.seconds);
  const cpuBefore = contender.cpuSeconds;
  const burst = fast ? await sustained(cluster, contender, { services, rate, seconds, settleMs: 2_000 }) : undefined;
  const row: Row = {
    services,
    what: contender.name,
    startMs: median(starts),
    p50Ms: quantile(one.toKernel, 0.5),
    p99Ms: quantile(one.toKernel, 0.99),
    writeMs: quantile(one.writes, 0.5),
    afterP50Ms: quantile(one.afterWrite, 0.5),
    afterP99Ms: quantile(one.afterWrite, 0.99),
    changes: one.toKernel.length,
    missing: one.missing,
    rssMb: synced.rss,
    rssAfterMb: contender.resident.rss,
    peakMb: contender.resident.peak,
    idle,
    ...(burst === undefined
      ? {}
      : {
          rate: burst.reached,
          lagP50Ms: quantile(burst.toKernel, 0.5),
          lagP99Ms: quantile(burst.toKernel, 0.99),
          lagMaxMs: Math.max(...burst.toKernel),
          lagAfterP50Ms: quantile(burst.afterWrite, 0.5),
          lagAfterP99Ms: quantile(burst.afterWrite, 0.99),
          lagWriteP50Ms: quantile(burst.writes, 0.5),
          lagWriteP99Ms: quantile(burst.writes, 0.99),
          lagMissing: burst.missing,
          cpuPerChangeMs: ((contender.cpuSeconds - cpuBefore) * 1_000) / (rate * seconds),
        }),
  };
  await contender.stop();
  return row;
}

function progress(text: string): void {
  console.error(`${new Date().toISOString().slice(11, 19)} ${text}`);
}
