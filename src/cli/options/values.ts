import { InvalidArgumentError, type OptionValues } from '@commander-js/extra-typings';

/** The flags that a declaration of options results in: `FlagsOf<typeof withUpFlags>`. */
export type FlagsOf<Declare extends (command: never) => { opts(): OptionValues }> = Readonly<
  ReturnType<ReturnType<Declare>['opts']>
>;

/** Parses an option that may be repeated. */
export function collect(value: string, all: readonly string[]): readonly string[] {
  return [...all, value];
}

/** Like `collect`, for an option with a `--no-` form, which sets false. */
export function collectUnlessNo(value: string, previous: unknown): readonly string[] {
  return [...(Array.isArray(previous) ? previous.map(String) : []), value];
}

export function positive(value: string): number {
  const number = Number(value);
  if (!Number.isFinite(number) || number <= 0) throw new InvalidArgumentError('It must be a number above 0.');
  return number;
}

export function notNegative(value: string): number {
  const number = Number(value);
  if (!Number.isFinite(number) || number < 0) throw new InvalidArgumentError('It must be a number, 0 or more.');
  return number;
}
