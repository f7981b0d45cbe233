import { fnv1a } from '../../data/index.ts';
import type { ObjectKey } from '../../kube/index.ts';

/** The counter that an answer depends on, and its value when the answer was built. */
export interface Mark {
  readonly slot: number;
  readonly value: number;
}

/** The slot that every change increments. */
const EVERYTHING = 0;
/** The slot that no change increments. */
const NOTHING = 1;
const FIRST_SERVICE = 2;
/** A change of a Service also invalidates the answers of Services in the same slot. */
const SERVICE_SLOTS = 65_534;

/**
 * Counters of changes in memory that threads share: one for all changes, and one for each Service. A cached answer is
 * valid while its counter is unchanged. All threads see a change at once, without messages.
 */
export class Epochs {
  readonly memory: SharedArrayBuffer;
  readonly #counters: Int32Array;

  /** @param memory of the main thread; omit it there */
  constructor(memory = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT * (FIRST_SERVICE + SERVICE_SLOTS))) {
    this.memory = memory;
    this.#counters = new Int32Array(memory);
  }

  changed(): void {
    Atomics.add(this.#counters, EVERYTHING, 1);
  }

  serviceChanged(key: ObjectKey): void {
    Atomics.add(this.#counters, slotOf(key), 1);
  }

  /** The current mark of an answer that depends on a Service, everything or nothing. */
  mark(on: ObjectKey | 'everything' | 'nothing'): Mark {
    const slot = on === 'everything' ? EVERYTHING : on === 'nothing' ? NOTHING : slotOf(on);
    return { slot, value: Atomics.load(this.#counters, slot) };
  }

  holds({ slot, value }: Mark): boolean {
    return Atomics.load(this.#counters, slot) === value;
  }
}

function slotOf(key: ObjectKey): number {
  return FIRST_SERVICE + (fnv1a(key) % SERVICE_SLOTS);
}
