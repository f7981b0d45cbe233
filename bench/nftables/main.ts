/**
 * The cost of the nftables plane as a cluster grows, compared with no Services at all and with kube-proxy in nftables
 * mode: first sync, changes, memory, new connections and bulk. Needs root, nft and `npm run control-plane`;
 * SWITCHBOARD_KUBERNETES chooses the version of kube-proxy.
 *
 *     node bench/nftables/main.ts [--sizes 100,1000,5000,10000,30000] [--quick] [--real-up-to 5000] [--limit 90]
 *                                 [--peer none] [--out FILE]
 *
 * Every Service has one port and ten endpoints. Above `--real-up-to` Services, and where kube-proxy does not get ready
 * within four times `--limit` seconds, rules of kube-proxy's shape replace kube-proxy, and the table marks this. No
 * test asserts any of these figures.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus, loadavg, release } from 'node:os';
import { parseArgs } from 'node:util';
import { removeLeftovers, removeOwnNamespaces } from '../../testing/namespaces.ts';
import { kernelMegabytes, processMegabytes, quantile } from '../../testing/statistics.ts';
import { ApiCluster } from './api-cluster.ts';
import { Churn } from './churn.ts';
import { closeWays, measureConnections, openWays, type Ways } from './connections.ts';
import { loadFloor } from './floor.ts';
import { KubeProxy } from './kube-proxy.ts';
import { Ours } from './ours.ts';
import { type Figures, jsonOf, type Row, ratiosOf, tableOf } from './report.ts';
import { Shape } from './shape.ts';
import { BENCH_PREFIX, createTwin } from './topology.ts';

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '100,1000,5000,10000,30000' },
    quick: { type: 'boolean', default: false },
    'real-up-to': { type: 'string', default: '5000' },
    limit: { type: 'string', default: '90' },
    peer: { type: 'string', default: 'kube-proxy' },
    out: { type: 'string' },
  },
});
const SIZES = values.sizes.split(',').map(Number);
const LIMIT_MS = Number(values.limit) * 1_000;
const CHANGES = values.quick ? 200 : 1_000;
const BURST = 1_000;
const DIALS = values.quick ? { rounds: 5, connects: 500, ms: 300 } : { rounds: 7, connects: 2_000, ms: 1_000 };
const SYNC_LIMITS = 4;

interface Peer {
  readonly what: string;
  readonly figures: Partial<Figures>;
  /** Its changes, after the connections were measured. */
  readonly churn: () => Promise<Partial<Figures>>;
  readonly stop: () => Promise<void>;
}

interface Real {
  readonly cluster: ApiCluster;
  readonly proxy: KubeProxy;
}

await main();

async function main(): Promise<void> {
  const [load = 0] = loadavg();
  removeLeftovers(BENCH_PREFIX);
  // Synchronous, so that it also runs after an error.
  process.once('exit', () => removeOwnNamespaces(BENCH_PREFIX));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

  const rows: Row[] = [];
  const names = ['direct', 'floor', 'ours', ...(values.peer === 'none' ? [] : ['peer'])];
  const ways = names.map(name => openWays(createTwin(name)));
  const [, floorWays, oursWays, peerWays] = ways;
  if (floorWays === undefined || oursWays === undefined) throw new Error('no twins');
  loadFloor(floorWays.twin);
  const ours = new Ours(oursWays.twin);
  const needsReal = SIZES.some(size => size <= Number(values['real-up-to']));
  let cluster: ApiCluster | undefined;
  let real: Real | undefined;
  try {
    if (peerWays !== undefined && needsReal) {
      cluster = await ApiCluster.create();
      await cluster.admit(peerWays.node);
      real = { cluster, proxy: new KubeProxy(peerWays.twin, peerWays.node, cluster) };
    }
    const head = headline(load, real?.proxy.version);
    console.log(head);
    for (const services of SIZES) {
      for await (const row of measureSize(services, ways, ours, real)) rows.push(row);
      const text = [head, '', tableOf(rows), '', ratiosOf(rows), '', jsonOf(rows)].join('\n');
      if (values.out !== undefined) writeFileSync(values.out, `${text}\n`);
    }
    console.log(['', tableOf(rows), '', ratiosOf(rows), '', jsonOf(rows)].join('\n'));
  } finally {
    await real?.proxy.stop();
    await cluster?.close();
    await ours.stop();
    for (const each of ways) await closeWays(each);
    removeOwnNamespaces(BENCH_PREFIX);
  }
}

async function* measureSize(
  services: number,
  ways: readonly Ways[],
  ours: Ours,
  real: Real | undefined,
): AsyncGenerator<Row> {
  const [, , oursWays, peerWays] = ways;
  progress(`${services}: switchboard syncs`);
  let figures: Partial<Figures> = await ours.sync(services);
  figures = { ...figures, ...(await oursWays?.node.ask({ order: 'count' })) };
  const peer = peerWays === undefined ? undefined : await startPeer(services, peerWays, real);
  progress(`${services}: connections`);
  const dialled = peer === undefined ? ways.filter(each => each !== peerWays) : ways;
  const connections = await measureConnections(dialled, DIALS);
  yield { services, what: 'direct', figures: {}, connections: connections.get('direct') };
  yield { services, what: 'one rule', figures: {}, connections: connections.get('floor') };
  progress(`${services}: switchboard changes`);
  figures = { ...figures, ...(await ours.changes(CHANGES)), ...(await ours.burst(BURST)) };
  yield { services, what: 'switchboard', figures, connections: connections.get('ours') };
  await ours.stop();
  if (peer === undefined) return;
  progress(`${services}: ${peer.what} changes`);
  const changed = await peer.churn();
  await peer.stop();
  yield { services, what: peer.what, figures: { ...peer.figures, ...changed }, connections: connections.get('peer') };
}

async function startPeer(services: number, ways: Ways, real: Real | undefined): Promise<Peer | undefined> {
  if (real !== undefined && services <= Number(values['real-up-to'])) {
    progress(`${services}: writes objects to the API server`);
    await real.cluster.grow(services);
    progress(`${services}: kube-proxy syncs`);
    const before = kernelMegabytes();
    const syncMs = await real.proxy.start(LIMIT_MS * SYNC_LIMITS);
    if (syncMs !== undefined) {
      const kernelMb = kernelMegabytes() - before;
      const { rss, peak } = processMegabytes(real.proxy.pid);
      const counts = await ways.node.ask({ order: 'count' });
      const figures = { syncMs, kernelMb, rssMb: rss, peakMb: peak, ...counts };
      const churn = async () => ({ ...(await churnOf(services, real.proxy)), ...rssAfter(real.proxy.pid) });
      return { what: `kube-proxy ${real.proxy.version}`, figures, churn, stop: () => real.proxy.stop() };
    }
    progress(`${services}: kube-proxy did not get ready in ${(LIMIT_MS * SYNC_LIMITS) / 1_000} s`);
  }
  progress(`${services}: rules of kube-proxy's shape`);
  const shape = new Shape(ways.twin);
  const before = kernelMegabytes();
  const syncMs = shape.load(services, LIMIT_MS * SYNC_LIMITS);
  if (syncMs === undefined) {
    progress(`${services}: nft did not load it in ${(LIMIT_MS * SYNC_LIMITS) / 1_000} s`);
    shape.stop();
    return undefined;
  }
  const figures = { syncMs, kernelMb: kernelMegabytes() - before, ...(await ways.node.ask({ order: 'count' })) };
  return {
    what: 'shape of kube-proxy',
    figures,
    churn: () => churnOf(services, shape),
    stop: async () => shape.stop(),
  };
}

/** As many changes as the time allows. */
async function churnOf(services: number, peer: KubeProxy | Shape): Promise<Partial<Figures>> {
  const churn = new Churn(services);
  const times = await peer.changes(() => churn.next(), CHANGES, LIMIT_MS);
  const burstMs = await peer.apply(churn.burst(BURST), LIMIT_MS * 2);
  return {
    changeP50Ms: quantile(times, 0.5),
    changeP99Ms: quantile(times, 0.99),
    changes: times.length,
    ...(burstMs === undefined ? {} : { burstMs }),
  };
}

function rssAfter(pid: number): Partial<Figures> {
  const { rss, peak } = processMegabytes(pid);
  return { rssAfterMb: rss, peakMb: peak };
}

function headline(load: number, kubeProxy: string | undefined): string {
  const nftVersion = execFileSync('nft', ['-v'], { encoding: 'utf8' }).trim();
  const peer = kubeProxy === undefined ? '' : `, kube-proxy ${kubeProxy}`;
  const lines = [
    `node ${process.version}, kernel ${release()}, ${nftVersion}${peer}, ${cpus().length} x ${cpus()[0]?.model}`,
    `load average ${load.toFixed(2)} at the start${load > 0.5 ? ': do not publish these figures' : ''}`,
    `ten endpoints per Service; connects: medians of ${DIALS.rounds} rounds of ${DIALS.connects}, in turns, without the first`,
    'one rule: a single dnat to a single pod and masquerade, which is the minimum cost of connection tracking and NAT',
  ];
  return lines.join('\n');
}

function progress(text: string): void {
  console.error(`${new Date().toISOString().slice(11, 19)} ${text}`);
}
