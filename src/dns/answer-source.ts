import type { CachedAnswer } from './answer-cache.ts';
import type { Transport } from './statistics.ts';
import type { Asked } from './wire/message.ts';

/** A question that no kept answer serves. */
export interface Question {
  readonly asked: Asked;
  /** Same key, same answer. */
  readonly key: string;
  readonly type: number;
  readonly transport: Transport;
  /** The longest answer that the asker takes. */
  readonly limit: number;
  /** Milliseconds on the responder's clock. */
  readonly start: number;
}

export interface Found {
  readonly answer: CachedAnswer;
  /** Whether it may serve others, too. */
  readonly keep: boolean;
}

/** Makes answers: `LocalAnswerSource` from the directory and the resolver, `WorkerAnswerSource` by asking the main thread. */
export interface AnswerSource {
  /** Whether names that are not ours are asked of others: the RA bit. */
  readonly recursion: boolean;
  /** @returns undefined where too many questions wait already; the promise never rejects */
  find(question: Question): Found | undefined | Promise<Found | undefined>;
}
