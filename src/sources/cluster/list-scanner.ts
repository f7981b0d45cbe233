import { messageOf } from '../../errors.ts';
import { ApiError } from './api-error.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_MAP = 0x7b;
const CLOSE_MAP = 0x7d;
/** Nesting depth of an item: inside the List object and its `items` array. */
const ITEM_DEPTH = 2;

/**
 * Splits a `List` while it arrives and parses each item as soon as it is complete, so that at most one item is in memory
 * as text, however large the list is. A server may send all objects of a kind in one page.
 */
export class ListScanner {
  readonly #onItem: (item: unknown) => void;
  /** Everything outside of the items: at the end a small JSON document. */
  readonly #rest: Buffer[] = [];
  #item: Buffer[] = [];
  #depth = 0;
  #inString = false;
  #escaped = false;
  #inList = false;

  constructor(onItem: (item: unknown) => void) {
    this.#onItem = onItem;
  }

  /** @throws ApiError `garbage` */
  push(chunk: Buffer): void {
    let start = 0;
    for (let index = 0; index < chunk.length; index += 1) {
      const byte = chunk[index];
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === BACKSLASH) this.#escaped = true;
        else if (byte === QUOTE) this.#inString = false;
        continue;
      }
      switch (byte) {
        case QUOTE:
          this.#inString = true;
          break;
        case OPEN_MAP:
        case OPEN_LIST:
          if (this.#depth === 1) this.#inList = byte === OPEN_LIST;
          if (this.#inList && this.#depth === ITEM_DEPTH) {
            this.#rest.push(chunk.subarray(start, index));
            start = index;
          }
          this.#depth += 1;
          break;
        case CLOSE_MAP:
        case CLOSE_LIST:
          this.#depth -= 1;
          if (this.#inList && this.#depth === ITEM_DEPTH) {
            this.#finish(chunk.subarray(start, index + 1));
            start = index + 1;
          } else if (this.#depth === 1) this.#inList = false;
          break;
        case COMMA:
          // Drop commas between items, so that the rest is valid JSON with an empty list.
          if (this.#inList && this.#depth === ITEM_DEPTH) {
            this.#rest.push(chunk.subarray(start, index));
            start = index + 1;
          }
      }
    }
    const tail = chunk.subarray(start);
    if (this.#inList && this.#depth > ITEM_DEPTH) this.#item.push(tail);
    else this.#rest.push(tail);
  }

  /**
   * Returns the list without its items.
   *
   * @throws ApiError `garbage` if the list is incomplete
   */
  end(): unknown {
    return parse(Buffer.concat(this.#rest));
  }

  #finish(last: Buffer): void {
    const item = this.#item.length === 0 ? last : Buffer.concat([...this.#item, last]);
    this.#item = [];
    this.#onItem(parse(item));
  }
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw new ApiError('garbage', `the list is not JSON: ${messageOf(error)}`, { cause: error });
  }
}
