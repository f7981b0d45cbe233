/** A plane in a separate process in a namespace, which the test can stop and kill. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { ObjectEvent } from '../../src/kube/index.ts';
import type { Difference, NftablesEvent, NftablesOptions } from '../../src/planes/nftables/index.ts';
import type { RouteChange } from '../../src/routing/index.ts';

const SCRIPT = join(import.meta.dirname, 'plane-process.ts');
const WITHIN_MS = 20_000;

export type PlaneSettings = Omit<NftablesOptions, 'log'>;

export type PlaneOrder =
  | { readonly order: 'start'; readonly options: PlaneSettings }
  | { readonly order: 'apply' | 'dryRun' | 'verifyOther'; readonly events: readonly ObjectEvent[] }
  | { readonly order: 'applyChanges'; readonly changes: readonly RouteChange[] }
  | { readonly order: 'verify' | 'rest' | 'close' }
  | { readonly order: 'whichState'; readonly candidates: readonly number[] }
  | { readonly order: 'reach' | 'editsLeft'; readonly state: number }
  | { readonly order: 'prepare'; readonly after: number; readonly steps: number }
  | { readonly order: 'burst'; readonly after: number }
  | { readonly order: 'churn'; readonly steps: readonly (readonly ObjectEvent[])[]; readonly rounds: number };

export interface PlaneRequest {
  readonly id: number;
  readonly order: PlaneOrder;
}

type PlaneMessage =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: string; readonly code: string }
  | { readonly applied: number }
  | { readonly event: NftablesEvent };

export class PlaneChild implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly events: NftablesEvent[] = [];
  /** The last state of a burst that the child reported. */
  lastApplied = -1;
  #lastId = 0;

  private constructor(namespace: string) {
    this.#child = spawn('ip', ['netns', 'exec', namespace, process.execPath, SCRIPT], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      serialization: 'advanced',
    });
    // Both events: messages sent before the exit are read before the channel closes.
    this.#child.setMaxListeners(0);
    this.#ended = Promise.all([once(this.#child, 'exit'), once(this.#child, 'disconnect')]);
    this.#child.on('message', message => {
      if (!isMessage(message)) return;
      if ('applied' in message) this.lastApplied = message.applied;
      if ('event' in message) this.events.push(message.event);
    });
  }

  /** Starts a process without a plane. */
  static spawn(namespace: string): PlaneChild {
    return new PlaneChild(namespace);
  }

  static async start(namespace: string, options: PlaneSettings): Promise<PlaneChild> {
    const child = new PlaneChild(namespace);
    try {
      await child.ask({ order: 'start', options });
      return child;
    } catch (error) {
      await child.kill();
      throw error;
    }
  }

  /** @returns the moment when it took effect, as of `process.hrtime.bigint` */
  async apply(events: readonly ObjectEvent[]): Promise<bigint> {
    return momentOf(await this.ask({ order: 'apply', events }));
  }

  async applyChanges(changes: readonly RouteChange[]): Promise<bigint> {
    return momentOf(await this.ask({ order: 'applyChanges', changes }));
  }

  async verify(): Promise<readonly Difference[]> {
    return differencesOf(await this.ask({ order: 'verify' }));
  }

  /** What `verify` of a plane that has applied nothing reports where these objects are expected. */
  async verifyOther(events: readonly ObjectEvent[]): Promise<readonly Difference[]> {
    return differencesOf(await this.ask({ order: 'verifyOther', events }));
  }

  async dryRun(events: readonly ObjectEvent[]): Promise<string> {
    return String(await this.ask({ order: 'dryRun', events }));
  }

  ask(order: PlaneOrder): Promise<unknown> {
    const id = ++this.#lastId;
    const child = this.#child;
    return new Promise((resolve, reject) => {
      const onMessage = (message: unknown): void => {
        if (!isMessage(message) || !('id' in message) || message.id !== id) return;
        child.off('message', onMessage);
        if ('error' in message) reject(Object.assign(new Error(message.error), { code: message.code }));
        else resolve(message.result);
      };
      child.on('message', onMessage);
      child.once('exit', (code, signal) => reject(new Error(`the plane exited: ${code ?? signal}`)));
      child.send({ id, order });
    });
  }

  /** Waits until the condition holds after a message. */
  async until(what: string, holds: () => boolean): Promise<void> {
    const signal = AbortSignal.timeout(WITHIN_MS);
    while (!holds()) {
      await once(this.#child, 'message', { signal }).catch(() => {
        throw new Error(`not within ${WITHIN_MS} ms: ${what}`);
      });
    }
  }

  repairs(): number {
    return this.events.filter(({ event }) => event === 'repaired').length;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  async close(): Promise<void> {
    await this.ask({ order: 'close' });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }
}

function isMessage(message: unknown): message is PlaneMessage {
  return typeof message === 'object' && message !== null;
}

function momentOf(value: unknown): bigint {
  return typeof value === 'bigint' ? value : 0n;
}

function differencesOf(value: unknown): readonly Difference[] {
  if (!isDifferences(value)) throw new Error(`not a list of differences: ${JSON.stringify(value)}`);
  return value;
}

function isDifferences(value: unknown): value is readonly Difference[] {
  return Array.isArray(value);
}
