import type { AnswerSource, EncodedAnswer, Question } from '../answers.ts';
import { ownCopy } from '../bounded-cache.ts';
import type { Epochs } from '../directory/epochs.ts';
import { JoinedQueries, type QueryLimits } from '../joined-queries.ts';

const LIMITS: QueryLimits = {
  // Each costs memory in both threads, and those for names of other servers may wait for seconds; of these the forwarder
  // takes 1000 at once, so that others find room.
  maxInFlight: 4000,
  maxJoined: 6000,
};

export interface WorkerAnswerSourceOptions extends Partial<QueryLimits> {
  readonly recursion: boolean;
  readonly epochs: Epochs;
  /** Sends a question to the main thread, which calls `answer` with its id. */
  readonly send: (id: number, question: Question) => void;
}

/** A worker thread's answers: from the main thread, which has the directory. Sends equal questions once. */
export class WorkerAnswerSource implements AnswerSource {
  readonly recursion: boolean;
  readonly #epochs: Epochs;
  readonly #send: (id: number, question: Question) => void;
  readonly #queries: JoinedQueries<EncodedAnswer | undefined>;
  /** Questions that the main thread has not answered yet, by id. */
  readonly #open = new Map<number, (answer: EncodedAnswer | undefined) => void>();
  #id = 0;

  constructor({ recursion, epochs, send, ...limits }: WorkerAnswerSourceOptions) {
    this.recursion = recursion;
    this.#epochs = epochs;
    this.#send = send;
    this.#queries = new JoinedQueries({ ...LIMITS, ...limits });
  }

  find(question: Question): undefined | Promise<EncodedAnswer | undefined> {
    const { query, key, limit } = question;
    // An answer on its way may be older than a change that this client has seen: ask again after each change.
    const { value: epoch } = this.#epochs.mark('everything');
    return this.#queries.run(`${epoch} ${limit} ${key}`, () => {
      const id = ++this.#id;
      const { promise, resolve } = Promise.withResolvers<EncodedAnswer | undefined>();
      this.#open.set(id, resolve);
      this.#send(id, { ...question, query: { ...query, message: ownCopy(query.message) } });
      return promise;
    });
  }

  answer(id: number, answer: EncodedAnswer | undefined): void {
    this.#open.get(id)?.(answer);
    this.#open.delete(id);
  }
}
