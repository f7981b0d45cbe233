/** Child processes in network namespaces, controlled over their IPC channel. Every reply maps names to numbers. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';

export type Numbers = Readonly<Record<string, number>>;

export interface Asked {
  readonly id: number;
  readonly order: unknown;
}

interface Waiting {
  readonly resolve: (numbers: Numbers) => void;
  readonly reject: (error: Error) => void;
}

const PIN = cpus().length > 1 && spawnSync('taskset', ['-V']).status === 0;

export class Child {
  readonly #name: string;
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;

  /**
   * @param namespace undefined: the namespace of this process
   * @param core pins the child to this core if `taskset` is installed
   */
  constructor(namespace: string | undefined, script: string, core?: number) {
    this.#name = `${script.split('/').at(-1)} in ${namespace ?? 'this namespace'}`;
    const pin = PIN && core !== undefined ? ['taskset', '-c', String(core)] : [];
    // ip and taskset exec, so that the child is the program itself and its pid ends it.
    const enter = namespace === undefined ? [] : ['ip', 'netns', 'exec', namespace];
    const [file = '', ...args] = [...enter, ...pin, process.execPath, script];
    this.#process = spawn(file, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.#process.on('message', message => this.#take(message));
    this.#process.once('exit', (code, signal) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`${this.#name} ended: ${code ?? signal}`));
      this.#waiting.clear();
    });
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  ask(order: unknown): Promise<Numbers> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#process.send({ id, order }, error => {
        if (error === null || !this.#waiting.delete(id)) return;
        reject(error);
      });
    });
  }

  async end(): Promise<void> {
    const { exitCode, signalCode } = this.#process;
    if (exitCode !== null || signalCode !== null) return;
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await ended;
  }

  #take(message: unknown): void {
    if (typeof message !== 'object' || message === null || !('id' in message) || typeof message.id !== 'number') return;
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if ('error' in message) waiting?.reject(new Error(`${this.#name}: ${String(message.error)}`));
    else if ('numbers' in message) waiting?.resolve(numbersOf(message.numbers));
  }
}

/** The child's side: executes one order after the other, and exits with its parent. */
export function serveOrders(obey: (order: unknown) => Numbers | Promise<Numbers>): void {
  let turn: Promise<void> = Promise.resolve();
  process.on('disconnect', () => process.exit(0));
  process.on('message', message => {
    if (!isAsked(message)) return;
    const { id, order } = message;
    turn = turn.then(async () => {
      try {
        process.send?.({ id, numbers: await obey(order) });
      } catch (error) {
        process.send?.({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
      }
    });
  });
}

function isAsked(message: unknown): message is Asked {
  return typeof message === 'object' && message !== null && 'id' in message && 'order' in message;
}

function numbersOf(value: unknown): Numbers {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return Object.fromEntries(entries.map(([name, number]) => [name, Number(number)]));
}
