/** The servers, each a process pinned to its own cores if there are enough. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { processMegabytes } from '../../testing/statistics.ts';
import type { Kind, World } from './world.ts';

const MAIN = resolve(import.meta.dirname, '../../dist/cli/main.js');
const TICKS_A_SECOND = 100;
const DEADLINE_MS = 120_000;

/** The load generator gets the last core; with more than three cores, all but those of the server. */
const CORES = availableParallelism();
export const LOAD_CORES = CORES > 3 ? `2-${CORES - 1}` : String(CORES - 1);
const ONE_CORE = '0';
const TWO_CORES = '0-1';
/** Whether the load generator and the server with two sockets do not share a core. */
export const TWO_CORES_ARE_FREE: boolean = CORES > 2;

/**
 * dnsmasq walks through all its SRV records for every query of any type, so address queries go to an instance without
 * SRV records.
 */
export type ContenderName = 'switchboard' | 'dnsmasq' | 'dnsmasq with SRV' | 'unbound' | 'switchboard, 2 sockets';

export class Contender {
  readonly name: string;
  readonly world: World;
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(name: string, world: World, port: number, child: ChildProcess) {
    this.name = name;
    this.world = world;
    this.port = port;
    this.#child = child;
  }

  /** Starts a server and waits until it answers. */
  static async start(name: ContenderName | 'upstream', world: World): Promise<Contender> {
    const { port, cores, command, args, readyName } = commandOf(name, world);
    const pinned = hasTaskset() ? { command: 'taskset', args: ['-c', cores, command, ...args] } : { command, args };
    const child = spawn(pinned.command, pinned.args, { stdio: ['ignore', 'ignore', 'inherit'] });
    children.add(child);
    child.once('exit', () => children.delete(child));
    const contender = new Contender(name, world, port, child);
    await contender.#answers(readyName);
    return contender;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Whether it serves queries of this kind. */
  answers(kind: Kind): boolean {
    return (kind === 'SRV') === (this.name === 'dnsmasq with SRV') || !this.name.startsWith('dnsmasq');
  }

  /** User and system time of all its threads, in seconds. */
  processorTime(): number {
    const fields = readFileSync(`/proc/${this.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
  }

  megabytes(): number {
    return processMegabytes(this.pid).rss;
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit');
  }

  async #answers(name: string): Promise<void> {
    const resolver = new Resolver({ timeout: 500, tries: 1 });
    resolver.setServers([`127.0.0.1:${this.port}`]);
    for (const start = performance.now(); performance.now() - start < DEADLINE_MS; await after(100)) {
      if (this.#child.exitCode !== null) break;
      const found = await resolver.resolve4(name).catch(() => []);
      if (found.length > 0) return;
    }
    throw new Error(`${this.name} does not answer`);
  }
}

/** Servers that still run when this process exits are killed. */
const children = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

interface Start {
  readonly port: number;
  readonly cores: string;
  readonly command: string;
  readonly args: readonly string[];
  /** A name that the server answers once it is ready. */
  readonly readyName: string;
}

function commandOf(name: ContenderName | 'upstream', world: World): Start {
  const last = world.services - 1;
  const readyName = `svc-${last}.ns-${last % 50}.svc.cluster.local`;
  const ours = (port: number) => {
    const dns = ['dns', '-f', world.at('services.yaml'), '--listen', `127.0.0.1:${port}`];
    return [MAIN, ...dns, '--forward', `127.0.0.1:${world.ports.upstream}`, '--max-input-mib', '64'];
  };
  switch (name) {
    case 'switchboard': {
      const { switchboard: port } = world.ports;
      return { port, cores: ONE_CORE, command: process.execPath, args: ours(port), readyName };
    }
    case 'switchboard, 2 sockets': {
      const { twoSockets: port } = world.ports;
      return { port, cores: TWO_CORES, command: process.execPath, args: [...ours(port), '--sockets', '2'], readyName };
    }
    case 'dnsmasq':
    case 'dnsmasq with SRV': {
      const port = name === 'dnsmasq' ? world.ports.dnsmasq : world.ports.withSrv;
      const file = name === 'dnsmasq' ? '/dev/null' : world.at('srv.conf');
      const own = ['--keep-in-foreground', `--conf-file=${file}`, `--port=${port}`];
      const place = ['--listen-address=127.0.0.1', '--bind-interfaces', '--no-resolv', '--no-hosts', '--pid-file='];
      const names = [`--addn-hosts=${world.at('hosts')}`, '--local=/cluster.local/', '--local-ttl=5'];
      const others = [`--server=127.0.0.1#${world.ports.upstream}`, '--cache-size=10000', '--dns-forward-max=1000'];
      return { port, cores: ONE_CORE, command: 'dnsmasq', args: [...own, ...place, ...names, ...others], readyName };
    }
    case 'unbound': {
      const args = ['-d', '-c', world.at('unbound.conf')];
      return { port: world.ports.unbound, cores: ONE_CORE, command: 'unbound', args, readyName };
    }
    case 'upstream': {
      const args = ['-d', '-c', world.at('upstream.conf')];
      return {
        port: world.ports.upstream,
        cores: LOAD_CORES,
        command: 'unbound',
        args,
        readyName: 'host-0.bench.example',
      };
    }
  }
}

let taskset: boolean | undefined;

/** Whether processes can be pinned to cores. */
export function hasTaskset(): boolean {
  try {
    taskset ??= execFileSync('taskset', ['--version'], { stdio: 'ignore' }) === null;
  } catch {
    taskset = false;
  }
  return taskset;
}
