import { fnv1a } from '../data/index.ts';
import { SwitchboardError } from '../errors.ts';

/** 127.64.0.0/10 is reserved for pods; the userspace plane does not use it. */
const FIRST = (127 << 24) | (64 << 16);
const SPAN = 1 << 22;

/**
 * Assigns loopback addresses to pods. Where this machine has all of 127.0.0.0/8 (Linux), each pod has its own, the same
 * in every run unless two names have the same hash; elsewhere all have 127.0.0.1, so their ports must differ.
 */
export class PodAddresses {
  readonly #ownAddresses: boolean;
  readonly #taken = new Map<number, string>();
  readonly #given = new Map<string, number>();

  constructor(platform: NodeJS.Platform = process.platform) {
    this.#ownAddresses = platform === 'linux';
  }

  /** @throws SWB_ADDRESS_EXHAUSTED */
  take(pod: string): string {
    if (!this.#ownAddresses) return '127.0.0.1';
    const known = this.#given.get(pod);
    if (known !== undefined) return dotted(FIRST + known);
    const start = fnv1a(pod) % SPAN;
    for (let step = 0; step < SPAN; step += 1) {
      const offset = (start + step) % SPAN;
      // .0 and .255 are valid on loopback, but look like mistakes.
      const last = offset & 0xff;
      if (last === 0 || last === 255 || this.#taken.has(offset)) continue;
      this.#taken.set(offset, pod);
      this.#given.set(pod, offset);
      return dotted(FIRST + offset);
    }
    throw new SwitchboardError('SWB_ADDRESS_EXHAUSTED', `no loopback address is left for pod ${pod}`);
  }

  release(pod: string): void {
    const offset = this.#given.get(pod);
    if (offset === undefined) return;
    this.#given.delete(pod);
    this.#taken.delete(offset);
  }
}

function dotted(address: number): string {
  return [24, 16, 8, 0].map(shift => (address >>> shift) & 0xff).join('.');
}
