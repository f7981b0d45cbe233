/** Steady traffic from a host of a lab, and servers that report what they received. */
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Host } from '../../testing/lab/host.ts';

const WITHIN_MS = 30_000;

export type LoadOrder =
  | {
      readonly order: 'connect' | 'send';
      readonly address: string;
      readonly port: number;
      readonly perSecond: number;
    }
  | { readonly order: 'stop' };

export interface LoadReport {
  readonly begun: number;
  readonly answered: number;
  readonly failed: number;
  /** The first failures. */
  readonly failures: readonly string[];
  readonly done: boolean;
}

class Child {
  readonly child: ChildProcess;
  #last: unknown;

  constructor(host: Host, script: string, args: readonly string[] = []) {
    this.child = host.fork(join(import.meta.dirname, script), args);
    this.child.on('message', message => {
      this.#last = message;
    });
  }

  /** Resolves with the next message that satisfies `holds`. Checks each as it arrives, since several may come at once. */
  message<T>(what: string, is: (message: unknown) => message is T, holds: (message: T) => boolean): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = () => {
        clearTimeout(deadline);
        this.child.off('message', look);
      };
      const look = (message: unknown) => {
        if (!is(message) || !holds(message)) return;
        settle();
        resolve(message);
      };
      const deadline = setTimeout(() => {
        settle();
        reject(new Error(`not within ${WITHIN_MS} ms: ${what}; the last message was ${JSON.stringify(this.#last)}`));
      }, WITHIN_MS);
      this.child.on('message', look);
    });
  }
}

export class Load {
  readonly #child: Child;

  private constructor(child: Child) {
    this.#child = child;
  }

  static connect(host: Host, address: string, port: number, perSecond: number): Load {
    return Load.#start(host, { order: 'connect', address, port, perSecond });
  }

  static send(host: Host, address: string, port: number, perSecond: number): Load {
    return Load.#start(host, { order: 'send', address, port, perSecond });
  }

  static #start(host: Host, order: LoadOrder): Load {
    const child = new Child(host, 'load.ts');
    child.child.send(order);
    return new Load(child);
  }

  /** Waits until this many more connections have begun. */
  async further(count: number): Promise<LoadReport> {
    const { begun } = await this.#child.message('traffic', isReport, () => true);
    return await this.#child.message(`${count} more`, isReport, report => report.begun >= begun + count);
  }

  /** Ends it and waits for the connections under way. */
  async stop(): Promise<LoadReport> {
    const done = this.#child.message('an end', isReport, report => report.done);
    this.#child.child.send({ order: 'stop' } satisfies LoadOrder);
    return await done;
  }

  /** Ends it at once. */
  cut(): void {
    this.#child.child.kill('SIGKILL');
  }
}

/** What a server received: the number of datagrams, and when the last one was sent. */
export interface Got {
  readonly datagrams: number;
  readonly newest: string;
}

/** A UDP server that replies and remembers the newest send time that a datagram carries. */
export class Receiver {
  readonly #child: Child;
  readonly #ready: Promise<unknown>;

  constructor(host: Host, port: number) {
    this.#child = new Child(host, 'receiver.ts', [host.address(), String(port)]);
    this.#ready = this.#child.message('a server', isGot, () => true);
  }

  async ready(): Promise<void> {
    await this.#ready;
  }

  async got(): Promise<Got> {
    const answer = this.#child.message('an answer', isGot, () => true);
    this.#child.child.send({});
    return await answer;
  }

  /** The number of received datagrams that were sent between two moments. */
  async sentBetween(from: bigint, to: bigint): Promise<number> {
    const answer = this.#child.message('a count', isCount, () => true);
    this.#child.child.send({ from: String(from), to: String(to) });
    return (await answer).count;
  }

  cut(): void {
    this.#child.child.kill('SIGKILL');
  }

  /** Waits for a datagram that was sent after this moment. */
  async reachedAfter(moment: bigint): Promise<void> {
    const deadline = performance.now() + WITHIN_MS;
    while (BigInt((await this.got()).newest) <= moment) {
      if (performance.now() > deadline) throw new Error(`no datagram within ${WITHIN_MS} ms`);
    }
  }
}

function isReport(message: unknown): message is LoadReport {
  return typeof message === 'object' && message !== null && 'begun' in message;
}

function isGot(message: unknown): message is Got {
  return typeof message === 'object' && message !== null && 'datagrams' in message;
}

function isCount(message: unknown): message is { readonly count: number } {
  return typeof message === 'object' && message !== null && 'count' in message;
}
