import type { AnswerSource, Found, Question } from '../answer-source.ts';
import type { Epochs } from '../directory/epochs.ts';

interface Waiting {
  /** How things stood when it was asked. */
  readonly since: number;
  readonly found: Promise<Found>;
}

/** Answers from the thread that has the directory, each question asked once by however many wait for it. */
export class AskedAnswers implements AnswerSource {
  readonly recursion: boolean;
  readonly #epochs: Epochs;
  readonly #ask: (id: number, message: Uint8Array) => void;
  readonly #waiting = new Map<string, Waiting>();
  readonly #answered = new Map<number, (found: Found) => void>();
  #id = 0;

  constructor(recursion: boolean, epochs: Epochs, ask: (id: number, message: Uint8Array) => void) {
    this.recursion = recursion;
    this.#epochs = epochs;
    this.#ask = ask;
  }

  find({ asked, key, limit }: Question): Promise<Found> {
    const which = `${limit} ${key}`;
    // After a change the answer that is on its way may be of before: who asks now is not to get that one.
    const { value: since } = this.#epochs.mark('everything');
    const waiting = this.#waiting.get(which);
    if (waiting?.since === since) return waiting.found;
    const id = ++this.#id;
    const found = new Promise<Found>(answered => this.#answered.set(id, answered));
    const mine = { since, found };
    this.#waiting.set(which, mine);
    void found.then(() => {
      if (this.#waiting.get(which) === mine) this.#waiting.delete(which);
    });
    this.#ask(id, asked.message);
    return found;
  }

  answer(id: number, found: Found): void {
    this.#answered.get(id)?.(found);
    this.#answered.delete(id);
  }
}
