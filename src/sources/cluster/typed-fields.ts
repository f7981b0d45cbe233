/**
 * Typed fields of a kubeconfig and of a plugin's output. As in client-go, a value of another type is an error: `token: 12345` is a number, and a
 * reader that ignored it would send anonymous requests.
 *
 * @module
 */
import { resolve } from 'node:path';
import { isRecord } from '../../data/index.ts';

export class TypedFields {
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #what: string;
  /** Before the names of fields, such as `exec.`. */
  readonly #prefix: string;

  /**
   * @param what names the entry in errors: `user "jane"`; `''` for the file itself
   * @throws Error if the value is neither a mapping nor absent
   */
  constructor(value: unknown, what: string, prefix = '') {
    this.#what = what;
    this.#prefix = prefix;
    if (!isAbsent(value) && !isRecord(value)) {
      const where = [what, prefix.replace(/\.$/, '')].filter(Boolean).join(', field ') || 'the file';
      throw new Error(`${where} is ${kindOf(value)}: write a mapping, field: value`);
    }
    this.#fields = isRecord(value) ? value : {};
  }

  /** The text of a field; undefined if it is absent or empty. Never part of an error, since it may be a secret. */
  text(name: string): string | undefined {
    return textOf(this.#value(name), found => this.#mismatch(name, found, quotesFix(`${name}:`, found)));
  }

  /** A path, relative to the folder. */
  path(name: string, folder: string): string | undefined {
    const path = this.text(name);
    return path === undefined ? undefined : resolve(folder, path);
  }

  flag(name: string): boolean {
    const found = this.#value(name);
    if (isAbsent(found) || typeof found === 'boolean') return found === true;
    throw this.#mismatch(name, found, 'write true or false, without quotes');
  }

  list(name: string): readonly unknown[] {
    const found = this.#value(name);
    if (isAbsent(found)) return [];
    if (!Array.isArray(found)) throw this.#mismatch(name, found, 'write a list');
    return found;
  }

  texts(name: string): string[] {
    return this.list(name).map((item, index) => {
      const mismatch = (found: unknown) => this.#mismatch(`${name}[${index}]`, found, quotesFix('-', found));
      return textOf(item, mismatch) ?? '';
    });
  }

  /** A mapping within this one. */
  below(name: string): TypedFields {
    return new TypedFields(this.#value(name), this.#what, `${this.#prefix}${name}.`);
  }

  /** The mappings of a list. */
  eachBelow(name: string): TypedFields[] {
    return this.list(name).map((item, index) => new TypedFields(item, this.#what, `${this.#prefix}${name}[${index}].`));
  }

  /** All fields as texts, without those that are absent or empty. */
  allTexts(): Record<string, string> {
    const texts = Object.keys(this.#fields).map(name => [name, this.text(name)] as const);
    return Object.fromEntries(texts.flatMap(([name, text]) => (text === undefined ? [] : [[name, text]])));
  }

  has(name: string): boolean {
    return !isAbsent(this.#value(name));
  }

  #value(name: string): unknown {
    return Object.hasOwn(this.#fields, name) ? this.#fields[name] : undefined;
  }

  #mismatch(name: string, found: unknown, fix: string): Error {
    const field = `field ${this.#prefix}${name}`;
    return new Error(`${this.#what === '' ? '' : `${this.#what}, `}${field} is ${kindOf(found)}: ${fix}`);
  }
}

function textOf(found: unknown, mismatch: (found: unknown) => Error): string | undefined {
  if (isAbsent(found) || found === '') return undefined;
  if (typeof found !== 'string') throw mismatch(found);
  return found;
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

/** @param start the text before the value, such as `token:` */
function quotesFix(start: string, found: unknown): string {
  return typeof found === 'object' ? 'write a string' : `write it in quotes, as in ${start} "..."`;
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a mapping' : `a ${typeof value}`;
}
