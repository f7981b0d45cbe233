/** One run of dnsperf against one server. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { quantile } from '../../testing/statistics.ts';
import { type Contender, hasTaskset, LOAD_CORES } from './contenders.ts';

export interface Load {
  readonly rate: number;
  readonly lost: number;
  /** Answers per second of the server's processor time. */
  readonly perProcessorSecond: number;
}

export interface Latency {
  readonly rate: number;
  readonly lost: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** The kernel distributes clients over sockets by their ports; with few clients, the distribution is uneven. */
const CLIENTS = 32;
const OUTSTANDING = 100;

/** As many queries as the server answers. */
export async function measureLoad(server: Contender, questions: string, seconds: number): Promise<Load> {
  const before = server.processorTime();
  const { rate, lost, completed } = await dnsperf(server, questions, seconds, [], () => undefined);
  return { rate, lost, perProcessorSecond: completed / (server.processorTime() - before) };
}

/** A steady rate, with the latency of each answer. */
export async function measureLatency(
  server: Contender,
  questions: string,
  seconds: number,
  rate: number,
): Promise<Latency> {
  const times: number[] = [];
  const take = (line: string): void => {
    // `> NOERROR name A 0.000123`
    const time = /^> .* ([\d.]+)$/.exec(line)?.[1];
    if (time !== undefined) times.push(Number(time) * 1000);
  };
  const pace = ['-v', '-Q', String(Math.round(rate))];
  const { rate: reached, lost } = await dnsperf(server, questions, seconds, pace, take);
  return { rate: reached, lost, p50Ms: quantile(times, 0.5), p99Ms: quantile(times, 0.99) };
}

async function dnsperf(
  { port }: Contender,
  questions: string,
  seconds: number,
  more: readonly string[],
  take: (line: string) => void,
) {
  const place = ['-s', '127.0.0.1', '-p', String(port), '-d', questions];
  const args = [...place, '-c', String(CLIENTS), '-q', String(OUTSTANDING), '-l', String(seconds), ...more];
  const pinned = hasTaskset() ? ['taskset', '-c', LOAD_CORES, 'dnsperf', ...args] : ['dnsperf', ...args];
  const [command = '', ...rest] = pinned;
  const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
  const said: string[] = [];
  const exited = once(child, 'exit');
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('> ')) take(line);
    else said.push(line);
  }
  await exited;
  const number = (pattern: RegExp) => Number(pattern.exec(said.join('\n'))?.[1]);
  return {
    rate: number(/Queries per second:\s+([\d.]+)/),
    lost: number(/Queries lost:\s+(\d+)/),
    completed: number(/Queries completed:\s+(\d+)/),
  };
}
