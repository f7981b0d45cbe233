import { bytesOfBase64 } from './base64.ts';

const SHOWN = '[secret]';

/**
 * A value of a Secret. It does not show in logs, JSON, error messages or a debugger's output: only {@link bytes} and
 * {@link text} give the value.
 */
export class SecretValue {
  readonly #bytes: Uint8Array;

  private constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  static ofText(text: string): SecretValue {
    return new SecretValue(new TextEncoder().encode(text));
  }

  /** @returns undefined for text that is not base64 */
  static ofBase64(text: string): SecretValue | undefined {
    const bytes = bytesOfBase64(text);
    return bytes === undefined ? undefined : new SecretValue(bytes);
  }

  get length(): number {
    return this.#bytes.length;
  }

  /** The value itself, as a copy. Do not print or log it. */
  bytes(): Uint8Array {
    return this.#bytes.slice();
  }

  /** The value as UTF-8 text, for an environment variable. Do not print or log it. */
  text(): string {
    return new TextDecoder().decode(this.#bytes);
  }

  toString(): string {
    return SHOWN;
  }

  toJSON(): string {
    return SHOWN;
  }

  [Symbol.toPrimitive](): string {
    return SHOWN;
  }

  /** For `util.inspect`, and so for all that prints objects. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return SHOWN;
  }
}
