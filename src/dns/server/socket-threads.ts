import { on } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { SocketAddress } from '../../net/index.ts';
import type { EncodedAnswer, Question } from '../answers.ts';
import type { StatisticsDelta } from '../statistics.ts';
import type { ServerOptions } from './options.ts';

/** What a worker thread starts with. */
export interface ThreadSetup {
  /** With actual ports. */
  readonly places: readonly SocketAddress[];
  /** The memory of `Epochs`. */
  readonly epochs: SharedArrayBuffer;
  readonly recursion: boolean;
  readonly ratePerClient: number;
  /** The `monotonicOrigin` of the main thread. */
  readonly clockOrigin: number;
}

/** An address that is not available. */
export interface ListenFailure {
  readonly place: SocketAddress;
  readonly protocol: 'UDP' | 'TCP';
  /** The system's error, with its `code`. */
  readonly error: unknown;
}

export type FromThread =
  | { readonly kind: 'listening' }
  | { readonly kind: 'refused'; readonly place: SocketAddress; readonly code: string | undefined; readonly why: string }
  | { readonly kind: 'question'; readonly id: number; readonly question: Question }
  | { readonly kind: 'counts'; readonly counts: StatisticsDelta };

export type ToThread =
  | { readonly kind: 'answer'; readonly id: number; readonly answer: EncodedAnswer | undefined }
  /** Requests `counts`. */
  | { readonly kind: 'count' };

/** When `performance.now()` of this thread was 0, in milliseconds on the clock that all threads share. */
export function monotonicOrigin(): number {
  return Number(process.hrtime.bigint()) / 1e6 - performance.now();
}

const EXTENSION = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const SCRIPT = new URL(`./socket-thread.${EXTENSION}`, import.meta.url);

/** Worker threads that answer UDP queries on other cores. */
export class SocketThreads {
  readonly #setup: ThreadSetup;
  readonly #options: ServerOptions;
  readonly #threads = new Set<Worker>();
  #closed = false;

  /** @param places the addresses of the main thread, with actual ports */
  constructor(places: readonly SocketAddress[], options: ServerOptions) {
    const { recursion, ratePerClient, epochs } = options;
    this.#setup = { places, recursion, ratePerClient, epochs: epochs.memory, clockOrigin: monotonicOrigin() };
    this.#options = options;
  }

  /**
   * Starts threads. After a failure the caller closes them.
   *
   * @returns the failure of an address in a thread
   */
  async open(count: number): Promise<ListenFailure | undefined> {
    const outcomes = await Promise.all(Array.from({ length: count }, () => this.#start()));
    return outcomes.find(outcome => outcome !== undefined);
  }

  /** Adds their counts to the statistics of this thread. */
  async collect(): Promise<void> {
    await Promise.all(
      [...this.#threads].map(thread => {
        const counted = firstMessage(thread, message => message.kind === 'counts');
        send(thread, { kind: 'count' });
        // A thread that dies has nothing to report.
        return counted.catch(() => undefined);
      }),
    );
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#threads].map(thread => thread.terminate()));
  }

  /** @throws the error that ended the thread before it listened */
  async #start(): Promise<ListenFailure | undefined> {
    const thread = new Worker(SCRIPT, { workerData: this.#setup });
    this.#threads.add(thread);
    thread.on('message', (message: FromThread) => this.#take(thread, message));
    // It may send questions before.
    const outcome = await firstMessage(thread, ({ kind }) => kind === 'listening' || kind === 'refused');
    if (outcome === undefined) throw new Error('the thread has ended');
    if (outcome.kind === 'refused') {
      const { place, why: message, code } = outcome;
      return { place, protocol: 'UDP', error: Object.assign(new Error(message), { code }) };
    }
    let why = 'it was terminated';
    thread.on('error', error => {
      why = error.message;
    });
    thread.once('exit', () => {
      this.#threads.delete(thread);
      if (!this.#closed) this.#options.onSocketLost(why);
    });
    return undefined;
  }

  #take(thread: Worker, message: FromThread): void {
    const { responder, statistics } = this.#options;
    if (message.kind === 'counts') statistics.add(message.counts);
    if (message.kind !== 'question') return;
    const { id, question } = message;
    const found = responder.find(question);
    const reply = (answer: EncodedAnswer | undefined): void => send(thread, { kind: 'answer', id, answer });
    if (found instanceof Promise) void found.then(reply);
    else reply(found);
  }
}

/** @returns undefined if the thread ends first @throws the error that ended the thread */
async function firstMessage(
  thread: Worker,
  matches: (message: FromThread) => boolean,
): Promise<FromThread | undefined> {
  for await (const [message] of on(thread, 'message', { close: ['exit'] })) if (matches(message)) return message;
  return undefined;
}

function send(thread: Worker, message: ToThread): void {
  thread.postMessage(message);
}
