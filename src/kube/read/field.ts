/**
 * A typed way through plain values: every step knows its path as the API server writes it, and a value of the wrong
 * JSON type becomes a fault there, as the API's decoder would refuse it. `null` is the same as absent, and an absent
 * object has absent fields, both as the API's decoder has it.
 *
 * @module
 */
import type { Fault } from '../fault.ts';
import type { Labels } from '../objects.ts';
import { isRecord } from '../record.ts';
import { nearestName } from './nearest.ts';
import { articled, shown, shownName } from './wording.ts';

/** What was found while one object was read. */
export class Report {
  /** An API server has stored the object: it may hold what newer versions refuse in new objects only. */
  readonly stored: boolean;
  readonly #faults = new Map<string, Fault>();
  readonly #notes = new Map<string, Fault>();

  constructor(options: { readonly stored: boolean } = { stored: false }) {
    this.stored = options.stored;
  }

  get faults(): readonly Fault[] {
    return [...this.#faults.values()];
  }

  get notes(): readonly Fault[] {
    return [...this.#notes.values()];
  }

  /** The same words on the same field are kept once: a value may be read by more than one rule. */
  addFault(fault: Fault): void {
    this.#faults.set(`${fault.field}\n${fault.why}`, fault);
  }

  addNote(note: Fault): void {
    this.#notes.set(`${note.field}\n${note.why}`, note);
  }
}

const INT32_MAX = 2 ** 31 - 1;

/**
 * Below a value of the wrong type nothing can be read. That is one fault, at that value; what is below is neither set
 * nor missing, so that no rule finds more to say.
 */
const LOST = Symbol('lost');

export class Field {
  readonly path: string;
  readonly #value: unknown;
  readonly #report: Report;

  constructor(value: unknown, path: string, report: Report) {
    this.path = path;
    this.#value = value ?? undefined;
    this.#report = report;
  }

  get isSet(): boolean {
    return this.#value !== undefined && this.#value !== LOST;
  }

  get isMissing(): boolean {
    return this.#value === undefined;
  }

  /** Absent, or of the type that is wanted; where it is not, the fault about the type is enough. */
  get isList(): boolean {
    return this.#value === undefined || Array.isArray(this.#value);
  }

  get isText(): boolean {
    return this.#value === undefined || typeof this.#value === 'string';
  }

  get isMapping(): boolean {
    return this.#value === undefined || isRecord(this.#value);
  }

  /** The last step of the path: `spec.ports[1].port` -> `port`. */
  get name(): string {
    return this.path.slice(this.path.lastIndexOf('.') + 1);
  }

  fault(why: string, fix: string): void {
    this.#report.addFault({ field: this.path, why, fix });
  }

  /**
   * Faults what the API server refuses in new objects and still accepts in the objects that it has stored (ratcheting
   * validation, KEP-4008).
   */
  faultIfNew(why: string, fix: string): void {
    if (!this.#report.stored) this.fault(why, fix);
  }

  note(why: string, fix: string): void {
    this.#report.addNote({ field: this.path, why, fix });
  }

  child(name: string): Field {
    const record = this.#record();
    const value = record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
    return new Field(this.isMapping ? value : LOST, this.path === '' ? name : `${this.path}.${name}`, this.#report);
  }

  /** A step to an item of a list that is named by a key in the API's paths: `metadata.annotations[key]`. */
  keyed(key: string, value: unknown): Field {
    return new Field(value, `${this.path}[${key}]`, this.#report);
  }

  /** An item of a list by its place; the value is the list's own unless another is given. */
  at(index: number, value: unknown = Array.isArray(this.#value) ? this.#value[index] : undefined): Field {
    return new Field(value, `${this.path}[${index}]`, this.#report);
  }

  /** The items of a list; none if it is absent. */
  items(): readonly Field[] {
    if (!this.isSet) return [];
    if (!Array.isArray(this.#value)) {
      this.#wrongType('a list', `write ${this.name} as a list: each item on a line of its own that begins with "- "`);
      return [];
    }
    return this.#value.map((item: unknown, index) => this.at(index, item));
  }

  /** undefined: absent, or a fault has been reported. */
  string(): string | undefined {
    if (typeof this.#value === 'string') return this.#value;
    if (!this.isSet) return undefined;
    this.#wrongType(
      'text',
      typeof this.#value === 'object'
        ? `write ${this.name} as text`
        : `put it in quotes: ${shownName(this.name)}: ${JSON.stringify(String(this.#value))}`,
    );
    return undefined;
  }

  /** Text of which the empty one means the same as none, as most defaults of the API have it. */
  text(): string | undefined {
    return this.string() || undefined;
  }

  boolean(): boolean | undefined {
    if (typeof this.#value === 'boolean') return this.#value;
    if (!this.isSet) return undefined;
    this.#wrongType('true or false', `write ${this.name}: true or ${this.name}: false, without quotes`);
    return undefined;
  }

  /** A whole number that fits the API's 32 bits, or 64 where it is told. */
  integer(options: { readonly bits: 32 | 64 } = { bits: 32 }): number | undefined {
    const value = this.#value;
    if (!this.isSet) return undefined;
    const max = options.bits === 32 ? INT32_MAX : Number.MAX_SAFE_INTEGER;
    if (typeof value === 'number' && Number.isInteger(value) && value >= -max - 1 && value <= max) return value;
    if (typeof value === 'number' && Number.isInteger(value)) {
      this.fault(`${shown(value)} is too large for a ${options.bits}-bit number`, `write a smaller ${this.name}`);
      return undefined;
    }
    this.#wrongType('a whole number', this.#numberFix());
    return undefined;
  }

  /** The API's int-or-string, where the JSON type alone decides whether it is a number or a name. */
  integerOrString(): number | string | undefined {
    if (typeof this.#value === 'string') return this.#value;
    return typeof this.#value === 'number' ? this.integer() : this.#otherThanIntOrString();
  }

  /** undefined if it is absent; pairs with values of the wrong type are faults on the map, as the API names it. */
  stringMap(): Labels | undefined {
    const record = this.#record();
    if (record === undefined) return undefined;
    const pairs: [string, string][] = [];
    for (const [key, value] of Object.entries(record)) {
      if (typeof value === 'string') pairs.push([key, value]);
      else if (value === null || value === undefined) pairs.push([key, '']);
      else if (typeof value === 'object') {
        this.fault(`${shownName(key)} is ${articled(value)}, and text is needed here`, `give ${key} a text value`);
      } else {
        this.fault(
          `${shownName(key)}: ${shown(value)} is ${articled(value)}, and text is needed here`,
          `put it in quotes: ${shownName(key)}: ${JSON.stringify(String(value))}`,
        );
      }
    }
    return Object.fromEntries(pairs);
  }

  strings(): readonly string[] {
    return this.items().map(item => item.string() ?? '');
  }

  /**
   * Notes fields that the API does not know: a strict server refuses them, a lenient one drops them without a word,
   * and either way they do nothing.
   */
  known(names: readonly string[]): void {
    for (const name of Object.keys(this.#record() ?? {})) {
      if (names.includes(name)) continue;
      const nearest = nearestName(name, names);
      this.child(name).note(
        `there is no field ${shownName(name)} here, so it does nothing`,
        nearest === undefined ? `remove it, or check the spelling` : `write ${nearest}`,
      );
    }
  }

  #record(): Readonly<Record<string, unknown>> | undefined {
    if (!this.isSet) return undefined;
    if (isRecord(this.#value)) return this.#value;
    const what = this.path === '' ? 'the document' : this.name;
    this.#wrongType('a mapping', `write ${what} as a mapping: lines of "name: value" below it`);
    return undefined;
  }

  #otherThanIntOrString(): undefined {
    if (!this.isSet) return undefined;
    this.#wrongType('a number or a name', `write ${this.name} as a number, or as the name of a container port`);
    return undefined;
  }

  #numberFix(): string {
    if (typeof this.#value === 'string' && /^-?\d+$/.test(this.#value)) {
      return `write ${this.name}: ${this.#value}, without quotes`;
    }
    return `write a whole number for ${this.name}`;
  }

  #wrongType(wanted: string, fix: string): void {
    const value = this.#value;
    const subject = typeof value === 'object' ? `this is ${articled(value)}` : `${shown(value)} is ${articled(value)}`;
    this.fault(`${subject}, and ${wanted} is needed here`, fix);
  }
}
