import type { ObjectKey } from '../../kube/objects.ts';

/** What an answer rests on, and how that stood when the answer was made. */
export interface Mark {
  readonly slot: number;
  readonly value: number;
}

/** Counted with every change. */
const EVERYTHING = 0;
/** Never counted. */
const NOTHING = 1;
const FIRST_SERVICE = 2;
/** Services that share a slot cost each other's answers, too, when they change. */
const SERVICE_SLOTS = 65_534;

/**
 * Counters of changes, one for all and one for each Service, in memory that threads share: an answer that was kept by
 * whatever thread is good for as long as its counter stands where it stood. So a change is seen by all at once, and no
 * thread waits for a message.
 */
export class Epochs {
  readonly memory: SharedArrayBuffer;
  readonly #counters: Int32Array;

  /** @param memory that of the thread which counts; none: this one does */
  constructor(memory = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT * (FIRST_SERVICE + SERVICE_SLOTS))) {
    this.memory = memory;
    this.#counters = new Int32Array(memory);
  }

  /** Something has changed, whatever it is. */
  changed(): void {
    Atomics.add(this.#counters, EVERYTHING, 1);
  }

  serviceChanged(key: ObjectKey): void {
    Atomics.add(this.#counters, slotOf(key), 1);
  }

  /** How that which an answer rests on stands now. */
  mark(on: ObjectKey | 'everything' | 'nothing'): Mark {
    const slot = on === 'everything' ? EVERYTHING : on === 'nothing' ? NOTHING : slotOf(on);
    return { slot, value: Atomics.load(this.#counters, slot) };
  }

  holds({ slot, value }: Mark): boolean {
    return Atomics.load(this.#counters, slot) === value;
  }
}

/** FNV-1a. */
function slotOf(key: ObjectKey): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  return FIRST_SERVICE + ((hash >>> 0) % SERVICE_SLOTS);
}
