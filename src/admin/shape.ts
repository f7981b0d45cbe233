/**
 * Checks that data from another process has the shape of a type. The compiler holds each shape against its type, so a
 * field that is added to a type must be added to its shape, too.
 *
 * @module
 */
import { isRecord } from '../data/index.ts';

/** Whether a value is a `T`. */
export type Shape<T> = (value: unknown) => value is T;

type Fields<T> = { readonly [K in keyof T]-?: Shape<T[K]> };

export const text: Shape<string> = (value): value is string => typeof value === 'string';
/** Text without control characters: it can be printed, or written to a file, as one line. */
export const line: Shape<string> = (value): value is string => typeof value === 'string' && !/\p{Cc}/u.test(value);
export const flag: Shape<boolean> = (value): value is boolean => typeof value === 'boolean';
export const number: Shape<number> = (value): value is number => typeof value === 'number';
export const port: Shape<number> = (value): value is number => isInteger(value) && value >= 0 && value <= 65_535;

export const integer: Shape<number> = isInteger;

function isInteger(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value);
}

export function oneOf<const T extends string>(...values: readonly T[]): Shape<T> {
  return (value): value is T => values.some(allowed => allowed === value);
}

/** JSON has no undefined: such a field is missing. */
export function optional<T>(shape: Shape<T>): Shape<T | undefined> {
  return (value): value is T | undefined => value === undefined || shape(value);
}

/** A field that must not be there. */
export const absent: Shape<undefined> = (value): value is undefined => value === undefined;

export function either<A, B>(a: Shape<A>, b: Shape<B>): Shape<A | B> {
  return (value): value is A | B => a(value) || b(value);
}

export function list<T>(shape: Shape<T>): Shape<readonly T[]> {
  return (value): value is readonly T[] => Array.isArray(value) && value.every(shape);
}

export function pair<A, B>(a: Shape<A>, b: Shape<B>): Shape<readonly [A, B]> {
  return (value): value is readonly [A, B] => Array.isArray(value) && value.length === 2 && a(value[0]) && b(value[1]);
}

/** An object of any keys without control characters. */
export function dictionary<T>(shape: Shape<T>): Shape<Readonly<Record<string, T>>> {
  return (value): value is Readonly<Record<string, T>> =>
    isRecord(value) && Object.entries(value).every(([key, each]) => line(key) && shape(each));
}

/** An object with at least these fields. */
export function fields<T>(shapes: Fields<T>): Shape<T> {
  const checks = Object.entries<(value: unknown) => boolean>(shapes);
  return (value): value is T => isRecord(value) && checks.every(([name, check]) => check(value[name]));
}

/** An object whose field `kind` determines its shape. */
export function byKind<T extends { readonly kind: string }>(shapes: Readonly<Record<T['kind'], Shape<T>>>): Shape<T> {
  const checks = new Map<unknown, (value: unknown) => boolean>(Object.entries(shapes));
  return (value): value is T => isRecord(value) && checks.get(value.kind)?.(value) === true;
}
