import type { AnswerSource, Found, Question } from '../answers.ts';
import type { Epochs } from '../directory/epochs.ts';
import type { Query } from '../wire/message.ts';
import { TYPE } from '../wire/numbers.ts';
import { ownCopy } from '../wire/own-copy.ts';

/**
 * Different questions of one thread that the main thread has not answered yet. Each costs memory in both, and those for
 * names of other servers may wait for seconds; of these the forwarder takes 1000 at once, so that others find room.
 */
const MAX_IN_FLIGHT = 4000;
/** Clients that wait for the answer to a question which another has asked. */
const MAX_JOINED = 6000;

interface Pending {
  /** The epoch at which the question was sent. */
  readonly since: number;
  readonly found: Promise<Found | undefined>;
}

export interface WorkerAnswerSourceOptions {
  readonly recursion: boolean;
  readonly epochs: Epochs;
  /** Sends a question to the main thread, which calls `answer` with its id. */
  readonly send: (id: number, message: Uint8Array) => void;
  readonly maxInFlight?: number;
  readonly maxJoined?: number;
}

/** A worker thread's answers: from the main thread, which has the directory. Sends equal questions once. */
export class WorkerAnswerSource implements AnswerSource {
  readonly recursion: boolean;
  readonly #epochs: Epochs;
  readonly #send: (id: number, message: Uint8Array) => void;
  readonly #maxInFlight: number;
  readonly #maxJoined: number;
  readonly #pending = new Map<string, Pending>();
  readonly #inFlight = new Map<number, (found: Found | undefined) => void>();
  #joined = 0;
  #id = 0;

  constructor(options: WorkerAnswerSourceOptions) {
    this.recursion = options.recursion;
    this.#epochs = options.epochs;
    this.#send = options.send;
    this.#maxInFlight = options.maxInFlight ?? MAX_IN_FLIGHT;
    this.#maxJoined = options.maxJoined ?? MAX_JOINED;
  }

  find({ query, key, limit }: Question): undefined | Promise<Found | undefined> {
    const which = `${limit} ${key}`;
    // An answer on its way may be older than a change that this client has seen: ask again after each change.
    const { value: since } = this.#epochs.mark('everything');
    const pending = this.#pending.get(which);
    if (pending?.since === since) {
      if (this.#joined >= this.#maxJoined) return undefined;
      this.#joined += 1;
      return pending.found.finally(() => {
        this.#joined -= 1;
      });
    }
    if (this.#inFlight.size >= this.#maxInFlight) return undefined;
    const id = ++this.#id;
    const found = new Promise<Found | undefined>(resolve => this.#inFlight.set(id, resolve));
    const mine = { since, found };
    this.#pending.set(which, mine);
    void found.then(() => {
      if (this.#pending.get(which) === mine) this.#pending.delete(which);
    });
    this.#send(id, messageOf(query, limit));
    return found;
  }

  answer(id: number, found: Found | undefined): void {
    this.#inFlight.get(id)?.(found);
    this.#inFlight.delete(id);
  }
}

const ARCOUNT = 10;
const OPT_BYTES = 11;
const DNSSEC_OK = 0x8000;

/**
 * The question as a message of its own. A query keeps header and question only, while its header still counts the
 * client's additional records: the count becomes that of the OPT record, which is added again, so that the main thread
 * answers as it would answer the client.
 */
function messageOf({ message, hasOpt, dnssecOk }: Query, limit: number): Uint8Array {
  const copy = ownCopy(hasOpt ? Buffer.concat([message, Buffer.alloc(OPT_BYTES)]) : message);
  copy.writeUInt16BE(hasOpt ? 1 : 0, ARCOUNT);
  if (!hasOpt) return copy;
  const opt = message.length;
  copy.writeUInt16BE(TYPE.OPT, opt + 1);
  copy.writeUInt16BE(limit, opt + 3);
  if (dnssecOk) copy.writeUInt16BE(DNSSEC_OK, opt + 7);
  return copy;
}
