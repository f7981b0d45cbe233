/** Writes slices to the API server, and measures when each change reaches a node's kernel. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type ApiCluster, firstEndpoints } from '../nftables/api-cluster.ts';
import type { Contender } from './contender.ts';
import { monotonicMs, stampAddress } from './stamps.ts';

const POLL_MS = 2;
/** The time between two transactions at a sustained rate. */
const BATCH_MS = 10;
/** Above the stamps of single changes, so that every write changes the object. */
const FIRST_SUSTAINED = 20_000;

export interface Latencies {
  /** Of each change that arrived: milliseconds from the sending of the write to the kernel. */
  readonly toKernel: readonly number[];
  /** Milliseconds from the API server's response to the kernel; 0: the kernel had the change before the response. */
  readonly afterWrite: readonly number[];
  /** Milliseconds of the writes themselves: the share of the API server and its etcd. */
  readonly writes: readonly number[];
  readonly missing: number;
}

/** One after the other: each is in the kernel, or has timed out, before the next is written. */
export async function single(
  cluster: ApiCluster,
  contender: Contender,
  options: { readonly services: number; readonly count: number; readonly limitMs: number; readonly warmUp: number },
): Promise<Latencies> {
  await contender.watch();
  const toKernel: number[] = [];
  const afterWrite: number[] = [];
  const writes: number[] = [];
  let missing = 0;
  const until = monotonicMs() + options.limitMs;
  for (let stamp = 0; stamp < options.count + options.warmUp && monotonicMs() < until; stamp++) {
    const began = monotonicMs();
    await write(cluster, options.services, stamp);
    const written = monotonicMs() - began;
    let at: number | undefined;
    while (at === undefined && monotonicMs() < until) {
      at = (await contender.seen()).get(stamp);
      if (at === undefined) await sleep(POLL_MS);
    }
    if (stamp < options.warmUp) continue;
    writes.push(written);
    if (at === undefined) missing++;
    else {
      toKernel.push(at - began);
      afterWrite.push(Math.max(0, at - began - written));
    }
  }
  await contender.unwatch();
  return { toKernel, afterWrite, writes, missing };
}

/**
 * This many per second, regardless of their effect. They are written to the API server's etcd: on a machine that it
 * shares with everything else, the API server accepts fewer writes than its watches can deliver.
 */
export async function sustained(
  cluster: ApiCluster,
  contender: Contender,
  options: { readonly services: number; readonly rate: number; readonly seconds: number; readonly settleMs: number },
): Promise<Latencies & { readonly reached: number }> {
  await contender.watch();
  const sent = new Map<number, number>();
  const answered = new Map<number, number>();
  const writes: number[] = [];
  const under = new Set<Promise<void>>();
  const total = options.rate * options.seconds;
  const began = monotonicMs();
  for (let stamp = 0; stamp < total; ) {
    const due = Math.min(total, Math.floor(((monotonicMs() - began) * options.rate) / 1_000));
    for (; stamp < due; stamp++) {
      const own = FIRST_SUSTAINED + stamp;
      const at = monotonicMs();
      sent.set(own, at);
      const one: Promise<void> = cluster.storeEndpoints(changeOf(options.services, own)).then(() => {
        answered.set(own, monotonicMs());
        writes.push(monotonicMs() - at);
        under.delete(one);
      });
      under.add(one);
    }
    await sleep(BATCH_MS);
  }
  await Promise.all(under);
  const reached = total / ((monotonicMs() - began) / 1_000);
  await sleep(options.settleMs);
  const seen = await contender.seen();
  await contender.unwatch();
  const toKernel = [...sent].flatMap(([stamp, at]) => {
    const when = seen.get(stamp);
    return when === undefined ? [] : [when - at];
  });
  const afterWrite = [...answered].flatMap(([stamp, at]) => {
    const when = seen.get(stamp);
    return when === undefined ? [] : [Math.max(0, when - at)];
  });
  return { toKernel, afterWrite, writes, missing: sent.size - toKernel.length, reached };
}

function write(cluster: ApiCluster, services: number, stamp: number): Promise<void> {
  const { service, addresses } = changeOf(services, stamp);
  return cluster.setEndpoints(service, addresses);
}

/** Spreads over the Services; an address that carries the stamp replaces one endpoint. */
function changeOf(services: number, stamp: number) {
  const service = 1 + ((stamp * 7_919) % (services - 1));
  return { service, addresses: [...firstEndpoints(service).slice(1), stampAddress(stamp)] };
}
