import { on } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Found } from '../answers.ts';
import type { Epochs } from '../directory/epochs.ts';
import type { Responder } from '../responder.ts';
import type { DnsStatistics } from '../statistics.ts';
import { listenError } from './listen-error.ts';
import { answerMessage, type FromThread, type ThreadSetup, type ToThread } from './thread-messages.ts';

export interface SocketThreadsOptions extends Omit<ThreadSetup, 'epochs'> {
  readonly responder: Responder;
  readonly epochs: Epochs;
  readonly statistics: DnsStatistics;
  /** Milliseconds. */
  readonly now: () => number;
  /** Called when a thread has died. The others continue. */
  readonly onLost: (why: string) => void;
}

const EXTENSION = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const SCRIPT = new URL(`./socket-thread.${EXTENSION}`, import.meta.url);

/** Worker threads that answer UDP queries on other cores. */
export class SocketThreads {
  readonly #options: SocketThreadsOptions;
  readonly #threads = new Set<Worker>();
  #closed = false;

  private constructor(options: SocketThreadsOptions) {
    this.#options = options;
  }

  /**
   * Starts all threads or none.
   *
   * @throws SWB_LISTEN_FAILED
   */
  static async open(count: number, options: SocketThreadsOptions): Promise<SocketThreads> {
    const threads = new SocketThreads(options);
    try {
      await Promise.all(Array.from({ length: count }, () => threads.#start()));
    } catch (error) {
      await threads.close();
      throw error;
    }
    return threads;
  }

  /** The number of running threads. */
  get size(): number {
    return this.#threads.size;
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

  async #start(): Promise<void> {
    const { places, recursion, ratePerClient, epochs } = this.#options;
    const setup: ThreadSetup = { places, recursion, ratePerClient, epochs: epochs.memory };
    const thread = new Worker(SCRIPT, { workerData: setup });
    this.#threads.add(thread);
    thread.on('message', (message: FromThread) => this.#take(thread, message));
    const outcome = await listens(thread);
    if (outcome.kind === 'refused') {
      const error = Object.assign(new Error(outcome.why), { code: outcome.code });
      throw await listenError(outcome.place, 'UDP', error);
    }
    let why = 'it was terminated';
    thread.on('error', error => {
      why = error.message;
    });
    thread.once('exit', () => {
      this.#threads.delete(thread);
      if (!this.#closed) this.#options.onLost(why);
    });
  }

  #take(thread: Worker, message: FromThread): void {
    const { responder, statistics, now } = this.#options;
    if (message.kind === 'counts') statistics.add(message.counts);
    if (message.kind !== 'query') return;
    const { id, message: question } = message;
    const found = responder.find(Buffer.from(question.buffer, question.byteOffset, question.length));
    const answer = (found: Found | undefined): void =>
      send(thread, { kind: 'answer', id, answer: found && answerMessage(found, now()) });
    if (found instanceof Promise) void found.then(answer);
    else answer(found);
  }
}

type Outcome = Extract<FromThread, { kind: 'listening' | 'refused' }>;

/** Waits until a thread listens or fails to. It may send queries before. @throws the error that ended the thread */
async function listens(thread: Worker): Promise<Outcome> {
  const message = await firstMessage(thread, isOutcome);
  if (message === undefined || !isOutcome(message)) throw new Error('the thread has ended');
  return message;
}

/** @returns undefined if the thread ends first @throws the error that ended the thread */
async function firstMessage(
  thread: Worker,
  matches: (message: FromThread) => boolean,
): Promise<FromThread | undefined> {
  for await (const [message] of on(thread, 'message', { close: ['exit'] })) if (matches(message)) return message;
  return undefined;
}

function isOutcome(message: FromThread): message is Outcome {
  return message.kind === 'listening' || message.kind === 'refused';
}

function send(thread: Worker, message: ToThread): void {
  thread.postMessage(message);
}
