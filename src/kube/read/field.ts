/**
 * Typed access to plain values. Each field has its path as the API server writes it. A value of the wrong JSON type is a
 * fault, since the API's decoder would reject it. As in that decoder, `null` means absent, and an absent object has
 * absent fields.
 *
 * @module
 */

import { isRecord } from '../../data/index.ts';
import type { Fault } from '../fault.ts';
import type { Labels } from '../objects.ts';
import { nearestName } from './nearest.ts';
import { booleanReading, quotesFix, shown, shownName, typeInWords } from './wording.ts';

/** The faults and notes of one object. */
export class Report {
  /** The object comes from an API server: it may contain what newer versions reject in new objects only. */
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

  /** Keeps equal faults once, since more than one rule may read a value. */
  addFault(fault: Fault): void {
    this.#faults.set(`${fault.field}\n${fault.why}`, fault);
  }

  addNote(note: Fault): void {
    this.#notes.set(`${note.field}\n${note.why}`, note);
  }
}

const INT32_MAX = 2 ** 31 - 1;

/**
 * Stands for everything below a value of the wrong type. Only that value has a fault; what is below is neither set nor
 * missing, so that no other rule reports it.
 */
const UNREADABLE = Symbol('unreadable');

export class Field {
  readonly path: string;
  readonly #value: unknown;
  readonly #report: Report;
  readonly #values: 'shown' | 'hidden';

  constructor(value: unknown, path: string, report: Report, values: 'shown' | 'hidden' = 'shown') {
    this.path = path;
    this.#value = value ?? undefined;
    this.#report = report;
    this.#values = values;
  }

  /** This field, with a value that no fault or note shows, nor those of the fields below it: of a Secret. */
  hidden(): Field {
    return new Field(this.#value, this.path, this.#report, 'hidden');
  }

  /**
   * This field, to read what only running needs. An object from an API server gets no faults there, since that server
   * has validated it and may know more.
   */
  forRunning(): Field {
    if (!this.#report.stored) return this;
    return new Field(this.#value, this.path, new Report({ stored: true }), this.#values);
  }

  get isSet(): boolean {
    return this.#value !== undefined && this.#value !== UNREADABLE;
  }

  get isMissing(): boolean {
    return this.#value === undefined;
  }

  /** Absent or a list. Otherwise the fault about the type is enough. */
  get isList(): boolean {
    return this.#value === undefined || Array.isArray(this.#value);
  }

  get isText(): boolean {
    return this.#value === undefined || typeof this.#value === 'string';
  }

  get isMapping(): boolean {
    return this.#value === undefined || isRecord(this.#value);
  }

  /** The last part of the path: `spec.ports[1].port` -> `port`. */
  get name(): string {
    return this.path.slice(this.path.lastIndexOf('.') + 1);
  }

  fault(why: string, fix: string): void {
    this.#report.addFault({ field: this.path, why, fix });
  }

  /**
   * Faults what the API server rejects in new objects but accepts in stored ones (ratcheting
   * validation, KEP-4008).
   */
  faultIfNew(why: string, fix: string): void {
    if (!this.#report.stored) this.fault(why, fix);
  }

  note(why: string, fix: string): void {
    this.#report.addNote({ field: this.path, why, fix });
  }

  #noteUnknown(fix: string): void {
    const why = `unknown field ${shownName(this.name)}: it has no effect`;
    this.#report.addNote({ field: this.path, why, fix, unknownField: true });
  }

  child(name: string): Field {
    const record = this.#record();
    const value = record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
    return this.#below(this.isMapping ? value : UNREADABLE, this.path === '' ? name : `${this.path}.${name}`);
  }

  #below(value: unknown, path: string): Field {
    return new Field(value, path, this.#report, this.#values);
  }

  /** An item that the API's paths name by a key: `metadata.annotations[key]`. */
  keyed(key: string, value: unknown): Field {
    return this.#below(value, `${this.path}[${key}]`);
  }

  /** An item of a list by its index; `value` defaults to the list's item. */
  at(index: number, value: unknown = Array.isArray(this.#value) ? this.#value[index] : undefined): Field {
    return this.#below(value, `${this.path}[${index}]`);
  }

  /** The values of a mapping by their keys, as the API's paths name them: `data[key]`. */
  entries(): readonly (readonly [key: string, value: Field])[] {
    return Object.entries(this.#record() ?? {}).map(([key, value]) => [key, this.keyed(key, value)]);
  }

  /** The items of a list; none if it is absent. */
  items(): readonly Field[] {
    if (!this.isSet) return [];
    if (!Array.isArray(this.#value)) {
      this.#wrongType('a list', `write ${this.name} as a list: each item on its own line, starting with "- "`);
      return [];
    }
    return this.#value.map((item: unknown, index) => this.at(index, item));
  }

  /** @returns undefined if it is absent, or after reporting a fault */
  string(): string | undefined {
    if (typeof this.#value === 'string') return this.#value;
    if (!this.isSet) return undefined;
    this.#wrongType(
      'text',
      typeof this.#value === 'object' || this.#values === 'hidden'
        ? `write ${this.name} as text${typeof this.#value === 'object' ? '' : ', in quotes'}`
        : quotesFix(this.name, this.#value),
    );
    return undefined;
  }

  /** As {@link string}, with empty text as absent, as for most defaults of the API. */
  text(): string | undefined {
    return this.string() || undefined;
  }

  boolean(): boolean | undefined {
    if (typeof this.#value === 'boolean') return this.#value;
    if (!this.isSet) return undefined;
    this.#wrongType('true or false', `write ${this.name}: true or ${this.name}: false, without quotes`);
    return undefined;
  }

  /** An integer of the API's 32 or 64 bits. */
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

  /** The API's int-or-string: the JSON type alone decides whether it is a number or a name. */
  integerOrString(): number | string | undefined {
    if (typeof this.#value === 'string') return this.#value;
    return typeof this.#value === 'number' ? this.integer() : this.#otherThanIntOrString();
  }

  /** Text, or a number as JSON writes it: the API takes both for quantities. */
  numberOrText(): string | undefined {
    if (typeof this.#value === 'number') return String(this.#value);
    if (typeof this.#value === 'string' || !this.isSet) return this.string();
    this.#wrongType('a number or text', `write ${this.name} as a quantity, such as 500m or 64Mi`);
    return undefined;
  }

  /** @returns undefined if it is absent. Values of the wrong type are faults of the map, as in the API. */
  stringMap(): Labels | undefined {
    const record = this.#record();
    if (record === undefined) return undefined;
    const pairs: [string, string][] = [];
    for (const [key, value] of Object.entries(record)) {
      if (typeof value === 'string') pairs.push([key, value]);
      else if (value === null || value === undefined) pairs.push([key, '']);
      else if (typeof value === 'object') {
        this.fault(
          `${shownName(key)} is ${typeInWords(value)}, but must be text`,
          `give ${shownName(key)} a text value`,
        );
      } else {
        this.fault(
          `${shownName(key)}: ${shown(value)} is ${typeInWords(value)}, but must be text${booleanReading(value)}`,
          quotesFix(key, value),
        );
      }
    }
    return Object.fromEntries(pairs);
  }

  strings(): readonly string[] {
    return this.items().map(item => item.string() ?? '');
  }

  /**
   * Notes unknown fields: with strict field validation the API server rejects them, otherwise it drops them silently.
   */
  noteUnknownFields(names: readonly string[]): void {
    for (const name of Object.keys(this.#record() ?? {})) {
      if (names.includes(name)) continue;
      const nearest = nearestName(name, names);
      this.child(name).#noteUnknown(nearest === undefined ? 'remove it, or check the spelling' : `write ${nearest}`);
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
    const subject =
      typeof value === 'object' || this.#values === 'hidden'
        ? `this is ${typeInWords(value)}`
        : `${shown(value)} is ${typeInWords(value)}`;
    const reading = wanted === 'text' && this.#values === 'shown' ? booleanReading(value) : '';
    this.fault(`${subject}, but must be ${wanted}${reading}`, fix);
  }
}
