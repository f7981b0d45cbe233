/** The cost of a connection through each twin, in turns, so that other load on the machine affects all of them. */
import { cpus } from 'node:os';
import { join } from 'node:path';
import { Child } from '../../testing/child.ts';
import { median } from '../../testing/statistics.ts';
import { POD_ADDRESSES, type Twin } from './topology.ts';
import { serviceAddress } from './world.ts';

export const AGENT = join(import.meta.dirname, 'agent.ts');
const TARGET_PORT = 8080;
const LAST_CORE = cpus().length - 1;

export interface Ways {
  readonly twin: Twin;
  readonly address: string;
  readonly port: number;
  readonly client: Child;
  readonly node: Child;
  readonly pod: Child;
}

export interface Connecting {
  readonly p50: number;
  readonly p99: number;
}

export interface Measured {
  /** Microseconds. */
  readonly client: Connecting;
  readonly node: Connecting;
  readonly gbits: number;
}

/** Agents in a twin's hosts; the client runs on the last core, the server on the first. */
export function openWays(twin: Twin): Ways {
  const direct = twin.name === 'direct';
  return {
    twin,
    address: direct ? (POD_ADDRESSES[0] ?? '') : serviceAddress(0),
    port: direct ? TARGET_PORT : 80,
    client: new Child(twin.client, AGENT, LAST_CORE),
    node: new Child(twin.node, AGENT, LAST_CORE),
    pod: new Child(twin.pod, AGENT, 0),
  };
}

export async function closeWays({ client, node, pod }: Ways): Promise<void> {
  await Promise.all([client.end(), node.end(), pod.end()]);
}

/** Medians of rounds; the first round warms up. */
export async function measureConnections(
  all: readonly Ways[],
  { rounds, connects, ms }: { readonly rounds: number; readonly connects: number; readonly ms: number },
): Promise<Map<string, Measured>> {
  const samples = new Map(all.map(({ twin }) => [twin.name, new Samples()]));
  for (const { pod } of all) await pod.ask({ order: 'listen', port: TARGET_PORT });
  for (let round = -1; round < rounds; round++) {
    for (const ways of turned(all, round)) {
      for (const from of ['client', 'node'] as const) {
        const { address, port, pod } = ways;
        const { p50 = Number.NaN, p99 = Number.NaN } = await ways[from].ask({
          order: 'connect',
          address,
          port,
          count: connects,
        });
        await pod.ask({ order: 'drain' });
        if (round >= 0) samples.get(ways.twin.name)?.[from].push({ p50, p99 });
      }
    }
  }
  for (const { pod } of all) {
    await pod.ask({ order: 'unlisten' });
    await pod.ask({ order: 'send', port: TARGET_PORT });
  }
  for (let round = -1; round < rounds; round++) {
    for (const { twin, client, address, port } of turned(all, round)) {
      const { gbits = Number.NaN } = await client.ask({ order: 'receive', address, port, ms });
      if (round >= 0) samples.get(twin.name)?.gbits.push(gbits);
    }
  }
  for (const { pod } of all) await pod.ask({ order: 'unlisten' });
  return new Map([...samples].map(([name, taken]) => [name, taken.summary()]));
}

class Samples {
  readonly client: Connecting[] = [];
  readonly node: Connecting[] = [];
  readonly gbits: number[] = [];

  summary(): Measured {
    const of = (list: readonly Connecting[]) => ({
      p50: median(list.map(({ p50 }) => p50)),
      p99: median(list.map(({ p99 }) => p99)),
    });
    return { client: of(this.client), node: of(this.node), gbits: median(this.gbits) };
  }
}

/** Rotates the order, so that none is always first. */
function turned<T>(list: readonly T[], round: number): T[] {
  const first = (round + list.length) % list.length;
  return [...list.slice(first), ...list.slice(0, first)];
}
