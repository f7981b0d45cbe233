/**
 * A proxy that follows the API server: kube-proxy, or `switchboard node` in its place with the same configuration. Both
 * are measured the same way.
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Child, type Numbers } from '../../testing/child.ts';
import { processMegabytes } from '../../testing/statistics.ts';
import type { ApiCluster } from '../nftables/api-cluster.ts';
import { nodeConfiguration } from '../nftables/kube-proxy.ts';
import { proxyMetrics } from '../nftables/metrics.ts';
import { nft } from '../nftables/topology.ts';
import { monotonicMs } from './stamps.ts';

const WATCH = join(import.meta.dirname, 'kernel-watch.ts');
const METRICS = 'http://127.0.0.1:10249/metrics';
const POLL_MS = 20;
/** USER_HZ, the unit of the kernel's accounting of processor time. */
const TICKS_A_SECOND = 100;

export class Contender {
  readonly name: string;
  readonly #command: readonly string[];
  readonly #watch = new Child(undefined, WATCH);
  readonly #cluster: ApiCluster;
  #child: ChildProcess | undefined;

  constructor(name: string, command: readonly string[], cluster: ApiCluster) {
    this.name = name;
    this.#command = command;
    this.#cluster = cluster;
  }

  /** Starts it on an empty table. @returns milliseconds from the start of the process until all is in the kernel */
  async start(limitMs: number): Promise<number | undefined> {
    const config = join(this.#cluster.folder, `${this.name}.yaml`);
    await writeFile(config, JSON.stringify(nodeConfiguration(this.#cluster.kubeconfig)));
    const log = openSync(join(this.#cluster.folder, `${this.name}.log`), 'a');
    const [file = '', ...args] = [...this.#command, '--config', config];
    const began = monotonicMs();
    this.#child = spawn(file, args, { stdio: ['ignore', log, log] });
    for (const until = began + limitMs; monotonicMs() < until; await sleep(POLL_MS)) {
      if (this.#child.exitCode !== null) throw new Error(`${this.name} ended: ${this.#child.exitCode}: ${this.#log()}`);
      if (await this.#settled()) return monotonicMs() - began;
    }
    await this.stop();
    return undefined;
  }

  /** MB */
  get resident(): { readonly rss: number; readonly peak: number } {
    return processMegabytes(this.#child?.pid ?? 0);
  }

  /** Seconds of processor time so far. */
  get cpuSeconds(): number {
    const stat = readFileSync(`/proc/${this.#child?.pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
  }

  async watch(): Promise<void> {
    await this.#watch.ask('watch');
  }

  /** Stamp -> when the kernel first had it. */
  async seen(): Promise<ReadonlyMap<number, number>> {
    return new Map(Object.entries(await this.#watch.ask('seen')).map(([stamp, at]) => [Number(stamp), at]));
  }

  async unwatch(): Promise<void> {
    await this.#watch.ask('stop');
  }

  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    nft(undefined, 'flush ruleset');
  }

  async close(): Promise<void> {
    await this.stop();
    await this.#watch.end();
  }

  #log(): string {
    return readFileSync(join(this.#cluster.folder, `${this.name}.log`), 'utf8').slice(-2_000);
  }

  async #settled(): Promise<boolean> {
    const metrics: Numbers = await proxyMetrics(METRICS).catch(() => ({}));
    const of = (name: string) => {
      const full = `kubeproxy_sync_proxy_rules_${name}`;
      return metrics[`${full}{ip_family="IPv4"}`] ?? metrics[full] ?? Number.NaN;
    };
    return (
      of('duration_seconds_count') > 0 &&
      of('endpoint_changes_total') > 0 &&
      of('endpoint_changes_pending') === 0 &&
      of('last_timestamp_seconds') >= of('last_queued_timestamp_seconds')
    );
  }
}
