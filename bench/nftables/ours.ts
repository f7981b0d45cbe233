/** Switchboard's plane in a twin: the cost of its syncs and changes, and its memory. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Child } from '../../testing/child.ts';
import { kernelMegabytes, median, processMegabytes } from '../../testing/statistics.ts';
import type { Figures } from './report.ts';
import { nft, type Twin } from './topology.ts';

const SCRIPT = join(import.meta.dirname, 'plane-child.ts');
const FRESH = 3;
/** The kernel frees the memory of a deleted table with a delay. */
const SETTLE_MS = 500;

export class Ours {
  readonly #twin: Twin;
  #child: Child | undefined;

  constructor(twin: Twin) {
    this.#twin = twin;
  }

  /** Three times in a fresh process on an empty table; the last process keeps running. */
  async sync(services: number): Promise<Partial<Figures>> {
    const times: number[] = [];
    const kernel: number[] = [];
    for (let i = 0; i < FRESH; i++) {
      await this.stop();
      const child = new Child(this.#twin.node, SCRIPT);
      this.#child = child;
      await child.ask({ order: 'start' });
      await sleep(SETTLE_MS);
      const before = kernelMegabytes();
      const { ms = Number.NaN } = await child.ask({ order: 'sync', services });
      await sleep(SETTLE_MS);
      kernel.push(kernelMegabytes() - before);
      times.push(ms);
    }
    const { rss, peak } = processMegabytes(this.#child?.pid ?? 0);
    return { syncMs: median(times), kernelMb: median(kernel), rssMb: rss, peakMb: peak };
  }

  async changes(count: number): Promise<Partial<Figures>> {
    const numbers = await this.#ask({ order: 'changes', count });
    return { changeP50Ms: numbers.p50 ?? Number.NaN, changeP99Ms: numbers.p99 ?? Number.NaN, changes: count };
  }

  async burst(count: number): Promise<Partial<Figures>> {
    const { ms } = await this.#ask({ order: 'burst', count });
    // The kernel must still match the routes, or the figures are meaningless.
    const { differences } = await this.#ask({ order: 'verify' });
    if (differences !== 0) console.error(`switchboard: ${differences} differences between the kernel and the routes`);
    const { rss, peak } = processMegabytes(this.#child?.pid ?? 0);
    return { burstMs: ms ?? Number.NaN, rssAfterMb: rss, peakMb: peak };
  }

  async stop(): Promise<void> {
    await this.#child?.end();
    this.#child = undefined;
    nft(this.#twin.node, 'flush ruleset');
  }

  async #ask(order: unknown) {
    return (await this.#child?.ask(order)) ?? {};
  }
}
