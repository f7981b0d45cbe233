import { fnv1a } from '../data/index.ts';
import { SwitchboardError } from '../errors.ts';
import { type AddressBlock, addressAt } from '../net/index.ts';

/** 127.64.0.0/10 is reserved for pods; the userspace plane does not use it. */
const LOOPBACK: AddressBlock = { first: (127 << 24) | (64 << 16), size: 1 << 22 };

/** Assigns addresses of a block to pods: each has its own, the same in every run unless two names have the same hash. */
export class PodAddresses {
  readonly #block: AddressBlock | undefined;
  readonly #taken = new Map<number, string>();
  readonly #given = new Map<string, number>();

  /** @param block undefined: all pods have 127.0.0.1, so their ports must differ */
  constructor(block: AddressBlock | undefined) {
    this.#block = block;
  }

  /** Only Linux has all of 127.0.0.0/8. */
  static onLoopback(platform: NodeJS.Platform = process.platform): PodAddresses {
    return new PodAddresses(platform === 'linux' ? LOOPBACK : undefined);
  }

  /** @throws SWB_ADDRESS_EXHAUSTED */
  take(pod: string): string {
    if (this.#block === undefined) return '127.0.0.1';
    const { first, size } = this.#block;
    const known = this.#given.get(pod);
    if (known !== undefined) return addressAt(this.#block, known);
    const start = fnv1a(pod) % size;
    for (let step = 0; step < size; step += 1) {
      const offset = (start + step) % size;
      // .0 and .255 are valid in such a block, but look like mistakes.
      const last = (first + offset) & 0xff;
      if (last === 0 || last === 255 || this.#taken.has(offset)) continue;
      this.#taken.set(offset, pod);
      this.#given.set(pod, offset);
      return addressAt(this.#block, offset);
    }
    throw new SwitchboardError('SWB_ADDRESS_EXHAUSTED', `no address is left for pod ${pod}`);
  }

  release(pod: string): void {
    const offset = this.#given.get(pod);
    if (offset === undefined) return;
    this.#given.delete(pod);
    this.#taken.delete(offset);
  }
}
