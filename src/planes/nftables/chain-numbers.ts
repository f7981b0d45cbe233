import { classId } from './elements.ts';

/**
 * The numbers by which frontends refer to chains. A number is never reused for another chain, so an element keeps its
 * meaning while it is read or written.
 */
export class ChainNumbers {
  readonly #numbers = new Map<string, number>();
  readonly #taken = new Set<number>();
  #last = 0;

  /** The number of a chain, as a classid. */
  of(chain: string): string {
    const known = this.#numbers.get(chain);
    if (known !== undefined) return classId(known);
    this.#last += 1;
    this.#numbers.set(chain, this.#last);
    this.#taken.add(this.#last);
    return classId(this.#last);
  }

  /** Adopts the numbers that a table in the kernel uses: number -> `goto CHAIN`. */
  adopt(dispatch: ReadonlyMap<string, string>): void {
    for (const [classid, verdict] of dispatch) {
      const number = numberOf(classid);
      const chain = verdict.replace(/^goto /, '');
      this.#last = Math.max(this.#last, number);
      // The tables of the two families may disagree if one was recreated; then one of them is renumbered.
      if (this.#numbers.has(chain) || this.#taken.has(number)) continue;
      this.#numbers.set(chain, number);
      this.#taken.add(number);
    }
  }
}

/** A classid, `major:minor`, as a number. */
export function numberOf(classid: string): number {
  const [major = '0', minor = '0'] = classid.split(':');
  return Number.parseInt(major, 16) * 0x10000 + Number.parseInt(minor, 16);
}
