import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type DialAnswer, type DialOrder, isReply, type Order } from './messages.ts';
import { must, type Ran, ran } from './tools.ts';

const AGENT = join(import.meta.dirname, 'agent.ts');

interface Waiting {
  readonly resolve: (answers: readonly DialAnswer[]) => void;
  readonly reject: (error: Error) => void;
}

/** A host of a lab: a network namespace, and the agent that serves and dials in it. */
export class Host {
  readonly name: string;
  readonly namespace: string;
  readonly addresses: readonly string[];
  readonly #children = new Set<ChildProcess>();
  readonly #waiting = new Map<number, Waiting>();
  #agent: Promise<ChildProcess> | undefined;
  #lastId = 0;

  constructor(name: string, namespace: string, addresses: readonly string[]) {
    this.name = name;
    this.namespace = namespace;
    this.addresses = addresses;
  }

  /** The primary address of a family. */
  address(family: 'IPv4' | 'IPv6' = 'IPv4'): string {
    const found = this.addresses.find(address => address.includes(':') === (family === 'IPv6'));
    if (found === undefined) throw new Error(`${this.name} has no ${family} address`);
    return found;
  }

  /** Runs a command in this host and waits for its end. */
  run(argv: readonly string[], input?: string): Promise<Ran> {
    return ran(this.#inside(argv), input);
  }

  /** @throws if the command fails */
  must(argv: readonly string[], input?: string): Promise<string> {
    return must(this.#inside(argv), input);
  }

  /** Starts a command in this host; it ends with the lab at the latest. */
  spawn(argv: readonly string[], stdio: StdioOptions = ['ignore', 'inherit', 'inherit']): ChildProcess {
    const [file = '', ...args] = this.#inside(argv);
    const child = spawn(file, args, { stdio, cwd: '/' });
    this.#children.add(child);
    child.once('exit', () => this.#children.delete(child));
    return child;
  }

  /** Starts a Node module in this host, with an IPC channel. */
  fork(script: string, args: readonly string[] = []): ChildProcess {
    return this.spawn([process.execPath, script, ...args], ['ignore', 'inherit', 'inherit', 'ipc']);
  }

  /** Serves echo on the host's addresses, or on all if it has none. */
  async serve(ports: { readonly tcp: readonly number[]; readonly udp: readonly number[] }): Promise<void> {
    await this.#order({ order: 'serve', host: this.name, addresses: this.addresses, ...ports });
  }

  /** Serves TCP echo on every address of the host, loopback included. */
  async serveEverywhere(tcp: readonly number[]): Promise<void> {
    await this.#order({ order: 'serve', host: this.name, addresses: [], tcp, udp: [] });
  }

  /** Dials concurrently; results in the order of the dials. */
  dial(dials: readonly DialOrder[]): Promise<readonly DialAnswer[]> {
    return this.#order({ order: 'dial', dials });
  }

  async relay(port: number, path: string): Promise<void> {
    await this.#order({ order: 'relay', port, path });
  }

  async forgetFlows(): Promise<void> {
    await this.#order({ order: 'forgetFlows' });
  }

  async close(): Promise<void> {
    await Promise.all(
      [...this.#children].map(async child => {
        const ended = once(child, 'exit');
        child.kill('SIGKILL');
        if (child.exitCode === null && child.signalCode === null) await ended;
      }),
    );
  }

  async #order(order: Order): Promise<readonly DialAnswer[]> {
    this.#agent ??= this.#startAgent();
    const agent = await this.#agent;
    const id = ++this.#lastId;
    return await new Promise<readonly DialAnswer[]>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      agent.send({ id, order }, error => {
        if (error !== null) this.#settle(id, waiting => waiting.reject(error));
      });
    });
  }

  async #startAgent(): Promise<ChildProcess> {
    const agent = this.fork(AGENT);
    const ended = new Promise<never>((_resolve, reject) => {
      agent.once('exit', (code, signal) => {
        const error = new Error(`the agent of ${this.name} exited: ${code ?? signal}`);
        for (const id of [...this.#waiting.keys()]) this.#settle(id, waiting => waiting.reject(error));
        reject(error);
      });
    });
    ended.catch(() => {});
    await Promise.race([once(agent, 'message'), ended]);
    agent.on('message', message => {
      if (!isReply(message)) return;
      this.#settle(message.id, waiting => {
        if ('error' in message) waiting.reject(new Error(`${this.name}: ${message.error}`));
        else waiting.resolve(message.answers);
      });
    });
    return agent;
  }

  #settle(id: number, how: (waiting: Waiting) => void): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (waiting !== undefined) how(waiting);
  }

  #inside(argv: readonly string[]): string[] {
    return ['ip', 'netns', 'exec', this.namespace, ...argv];
  }
}
