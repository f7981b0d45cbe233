/**
 * Isolated hosts on this machine: network namespaces joined by veth pairs, without a route to the outside.
 *
 * ```ts
 * await using lab = await Lab.create(STANDARD_LAB);
 * await lab.host('a1').serve({ tcp: [8080], udp: [] });
 * const [answer] = await lab.host('client').dial([{ to: '10.180.0.11', port: 8080, protocol: 'TCP', timeoutMs: 1_000 }]);
 * ```
 *
 * @module
 */
import { threadId } from 'node:worker_threads';
import { namespaceName, removeLeftovers, removeNamespaces } from '../namespaces.ts';
import { Host } from './host.ts';
import { type HostPlan, planLab } from './plan.ts';
import { hostsOf, type LabSpec, STANDARD_LAB } from './spec.ts';
import { must } from './tools.ts';

/** Prefix of the names of a lab's namespaces. */
export const LAB_PREFIX = 'sblab';

let labs = 0;

export class Lab implements AsyncDisposable {
  readonly spec: LabSpec;
  readonly #hosts: ReadonlyMap<string, Host>;
  readonly #onExit: () => void;
  #closed = false;

  private constructor(spec: LabSpec, hosts: ReadonlyMap<string, Host>) {
    this.spec = spec;
    this.#hosts = hosts;
    const namespaces = [...hosts.values()].map(host => host.namespace);
    this.#onExit = () => removeNamespaces(namespaces);
    process.once('exit', this.#onExit);
  }

  /** Builds the hosts, after removing what crashed runs left behind. */
  static async create(spec: LabSpec = STANDARD_LAB): Promise<Lab> {
    removeLeftovers(LAB_PREFIX);
    // Threads of one process share its pid, and each has a counter of its own.
    const number = threadId * 1_000 + ++labs;
    const names = hostsOf(spec);
    const hosts = [...names].map(
      ([name, addresses]) => [name, new Host(name, namespaceName(LAB_PREFIX, `${number}-${name}`), addresses)] as const,
    );
    const lab = new Lab(spec, new Map(hosts));
    try {
      await lab.#build();
      return lab;
    } catch (error) {
      await lab.close();
      throw error;
    }
  }

  get hosts(): readonly Host[] {
    return [...this.#hosts.values()];
  }

  host(name: string): Host {
    const host = this.#hosts.get(name);
    if (host === undefined) throw new Error(`the lab has no host ${name}: ${[...this.#hosts.keys()].join(', ')}`);
    return host;
  }

  /** The host that has an address. */
  hostAt(address: string): Host | undefined {
    return this.hosts.find(host => host.addresses.includes(address));
  }

  /** The node under test. */
  get node(): Host {
    const [first] = this.spec.nodes;
    return this.host(first?.name ?? '');
  }

  /** Assigns addresses to the node under test. */
  async own(addresses: readonly string[]): Promise<void> {
    const lines = addresses.map(address => `addr add ${address}/${address.includes(':') ? '128' : '32'} dev lo`);
    await this.#ip(this.node.name, [], lines);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.all(this.hosts.map(host => host.close()));
    this.#onExit();
    process.off('exit', this.#onExit);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #build(): Promise<void> {
    const plans = planLab(this.spec, name => this.host(name).namespace);
    await must(['ip', '-batch', '-'], plans.map(plan => `netns add ${this.host(plan.name).namespace}\n`).join(''));
    await Promise.all(plans.map(plan => this.#prepare(plan)));
    // In order: a pair that one host makes has its other end in the next, and addresses precede the routes over them.
    for (const phase of PHASES) {
      for (const plan of plans) {
        const lines = plan.commands.filter(command => phaseOf(command) === phase);
        await this.#ip(
          plan.name,
          [],
          lines.filter(line => !line.startsWith(SIX)),
        );
        await this.#ip(
          plan.name,
          ['-6'],
          lines.flatMap(line => (line.startsWith(SIX) ? line.slice(SIX.length) : [])),
        );
      }
    }
  }

  async #ip(host: string, options: readonly string[], lines: readonly string[]): Promise<void> {
    if (lines.length === 0) return;
    const text = lines.map(line => `${line}\n`).join('');
    await must(['ip', ...options, '-n', this.host(host).namespace, '-batch', '-'], text);
  }

  async #prepare(plan: HostPlan): Promise<void> {
    const script = Object.entries(plan.sysctls).map(([file, value]) => `echo ${value} > /proc/sys/net/${file}`);
    await this.host(plan.name).must(['sh', '-e', '-c', script.join('\n')]);
  }
}

const SIX = '-6 ';
const PHASES = ['link add', 'addr', 'link set', 'route'] as const;

function phaseOf(command: string): (typeof PHASES)[number] {
  if (command.startsWith('link add')) return 'link add';
  if (command.startsWith('link set')) return 'link set';
  return command.startsWith('addr') ? 'addr' : 'route';
}
