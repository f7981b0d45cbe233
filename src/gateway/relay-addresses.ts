import { SwitchboardError } from '../errors.ts';
import { type AddressBlock, addressAt } from '../net/index.ts';

/** Gives addresses outside of a network one within it, in the order in which they come. */
export class RelayAddresses {
  readonly #block: AddressBlock;
  readonly #of = new Map<string, string>();

  constructor(block: AddressBlock) {
    this.#block = block;
  }

  /** The same one for the same address. @throws SWB_ADDRESS_EXHAUSTED */
  of(outside: string): string {
    const known = this.#of.get(outside);
    if (known !== undefined) return known;
    if (this.#of.size >= this.#block.size) {
      throw new SwitchboardError('SWB_ADDRESS_EXHAUSTED', `no relay address is left for ${outside}`);
    }
    const address = addressAt(this.#block, this.#of.size);
    this.#of.set(outside, address);
    return address;
  }
}
