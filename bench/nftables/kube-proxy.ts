/**
 * kube-proxy itself in nftables mode, in a node's namespace, following a real API server. Its metrics report the
 * duration of a sync: the time from its own tables to the kernel, without the API server's part.
 *
 * @module
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Child, Numbers } from '../../testing/child.ts';
import { judgePath } from '../../testing/control-plane/index.ts';
import type { ApiCluster } from './api-cluster.ts';
import type { Change } from './churn.ts';
import { NODE_NAME, nft, type Twin } from './topology.ts';
import { POD_CIDR } from './world.ts';

const METRICS = 'http://127.0.0.1:10249/metrics';
const POLL_MS = 20;
const WARM_UP = 1;

interface Syncs {
  readonly seconds: number;
  readonly count: number;
  readonly endpointChanges: number;
  /** The kernel has all changes that the proxy received. */
  readonly settled: boolean;
}

export class KubeProxy {
  readonly #twin: Twin;
  readonly #agent: Child;
  readonly #cluster: ApiCluster;
  readonly #binary: string;
  #child: ChildProcess | undefined;

  /** @param agent of the twin's node, which the cluster has admitted */
  constructor(twin: Twin, agent: Child, cluster: ApiCluster) {
    this.#twin = twin;
    this.#agent = agent;
    this.#cluster = cluster;
    this.#binary = judgePath('kube-proxy', cluster.version);
  }

  get version(): string {
    return execFileSync(this.#binary, ['--version'], { encoding: 'utf8' }).trim().replace('Kubernetes v', '');
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Starts it on an empty table. @returns milliseconds of its first sync; undefined: it timed out */
  async start(limitMs: number): Promise<number | undefined> {
    const config = join(this.#cluster.folder, 'config.yaml');
    await writeFile(config, JSON.stringify(nodeConfiguration(this.#cluster.kubeconfig)));
    const log = openSync(join(this.#cluster.folder, 'kube-proxy.log'), 'a');
    const argv = ['netns', 'exec', this.#twin.node, this.#binary, '--config', config, '-v', '1'];
    this.#child = spawn('ip', argv, { stdio: ['ignore', log, log] });
    for (const until = performance.now() + limitMs; performance.now() < until; ) {
      await sleep(100);
      if (this.#child.exitCode !== null) throw new Error(`kube-proxy ended: ${this.#child.exitCode}`);
      const syncs = await this.#syncs().catch(() => undefined);
      if (syncs !== undefined && syncs.count > 0 && syncs.settled) return syncs.seconds * 1_000;
    }
    await this.stop();
    return undefined;
  }

  /** One after the other until the time is over, without the first one. @returns milliseconds of the sync of each */
  async changes(next: () => Change, count: number, limitMs: number): Promise<number[]> {
    const times: number[] = [];
    const until = performance.now() + limitMs;
    while (times.length < count + WARM_UP && performance.now() < until) {
      const took = await this.apply([next()], limitMs);
      if (took === undefined) break;
      times.push(took);
    }
    return times.slice(WARM_UP);
  }

  /** All changes at once. @returns milliseconds of their syncs; undefined: they timed out */
  async apply(changes: readonly Change[], limitMs: number): Promise<number | undefined> {
    const before = await this.#syncs();
    await this.#cluster.setAll(changes);
    for (const until = performance.now() + limitMs; performance.now() < until; await sleep(POLL_MS)) {
      const after = await this.#syncs();
      const received = after.endpointChanges - before.endpointChanges >= changes.length;
      if (received && after.settled && after.count > before.count) return (after.seconds - before.seconds) * 1_000;
    }
    return undefined;
  }

  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    nft(this.#twin.node, 'flush ruleset');
  }

  async #syncs(): Promise<Syncs> {
    const metrics = await this.#agent.ask({ order: 'metrics', url: METRICS });
    const of = (name: string) => figure(metrics, name);
    return {
      seconds: of('sync_proxy_rules_duration_seconds_sum'),
      count: of('sync_proxy_rules_duration_seconds_count'),
      endpointChanges: of('sync_proxy_rules_endpoint_changes_total'),
      settled:
        of('sync_proxy_rules_endpoint_changes_pending') === 0 &&
        of('sync_proxy_rules_last_timestamp_seconds') >= of('sync_proxy_rules_last_queued_timestamp_seconds'),
    };
  }
}

/** The IPv4 half, if the metrics distinguish families. */
function figure(metrics: Numbers, name: string): number {
  const full = `kubeproxy_${name}`;
  return metrics[`${full}{ip_family="IPv4"}`] ?? metrics[full] ?? Number.NaN;
}

/** For both proxies: Switchboard accepts kube-proxy's configuration. */
export function nodeConfiguration(kubeconfig: string) {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'nftables',
    hostnameOverride: NODE_NAME,
    clientConnection: { kubeconfig },
    detectLocalMode: 'ClusterCIDR',
    clusterCIDR: POD_CIDR,
    nodePortAddresses: ['primary'],
    // No periodic full sync during a measurement.
    nftables: { masqueradeBit: 14, minSyncPeriod: '10ms', syncPeriod: '1h' },
    // The size of the connection table belongs to the machine, and a namespace cannot set it.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
    // Like any other process: when memory is short, the kernel must not spare a bench's process.
    oomScoreAdj: 0,
    healthzBindAddress: '127.0.0.1:10256',
    metricsBindAddress: '127.0.0.1:10249',
  };
}
