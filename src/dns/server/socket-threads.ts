import { on } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Found } from '../answer-source.ts';
import type { Epochs } from '../directory/epochs.ts';
import type { Responder } from '../responder.ts';
import type { DnsStatistics } from '../statistics.ts';
import { listenFailure } from './listen-failure.ts';
import { answerMessage, type FromThread, type ThreadSetup, type ToThread } from './thread-messages.ts';

export interface SocketThreadsOptions extends Omit<ThreadSetup, 'epochs'> {
  readonly responder: Responder;
  readonly epochs: Epochs;
  readonly statistics: DnsStatistics;
  /** Milliseconds. */
  readonly now: () => number;
  /** Told of a thread that has ended by itself; the others go on. */
  readonly onLost: (why: string) => void;
}

const EXTENSION = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const SCRIPT = new URL(`./socket-thread.${EXTENSION}`, import.meta.url);

/** Threads that answer by UDP beside this one, each on a core of its own if there is one. */
export class SocketThreads {
  readonly #options: SocketThreadsOptions;
  readonly #threads = new Set<Worker>();
  #closed = false;

  private constructor(options: SocketThreadsOptions) {
    this.#options = options;
  }

  /**
   * All of them listen, or none is left.
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

  /** How many still answer. */
  get size(): number {
    return this.#threads.size;
  }

  /** Adds what they have counted to our own statistics. */
  async collect(): Promise<void> {
    await Promise.all(
      [...this.#threads].map(async thread => {
        // Ends with the thread, too.
        const counted = new Promise<void>(done => {
          const take = (message: FromThread): void => {
            if (message.kind === 'counts') end();
          };
          const end = (): void => {
            thread.off('message', take).off('exit', end);
            done();
          };
          thread.on('message', take).once('exit', end);
        });
        send(thread, { kind: 'count' });
        await counted;
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
      throw await listenFailure(outcome.place, 'UDP', error);
    }
    let why = 'it was ended';
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
    if (message.kind !== 'ask') return;
    const { id, message: question } = message;
    const found = responder.find(Buffer.from(question.buffer, question.byteOffset, question.length));
    const answer = (found: Found | undefined): void =>
      send(thread, { kind: 'answer', id, answer: found && answerMessage(found, now()) });
    if (found instanceof Promise) void found.then(answer);
    else answer(found);
  }
}

type Outcome = Extract<FromThread, { kind: 'listening' | 'refused' }>;

/** What becomes of its places; at the first ones it may be asked before it has the last. @throws what ended the thread */
async function listens(thread: Worker): Promise<Outcome> {
  for await (const [message] of on(thread, 'message', { close: ['exit'] })) {
    if (isOutcome(message)) return message;
  }
  throw new Error('it has ended');
}

function isOutcome(message: FromThread): message is Outcome {
  return message.kind === 'listening' || message.kind === 'refused';
}

function send(thread: Worker, message: ToThread): void {
  thread.postMessage(message);
}
