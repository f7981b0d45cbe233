import { InvalidArgumentError, type OptionValues } from '@commander-js/extra-typings';

/** The flags of a command, as its declaration of options gives them: `FlagsOf<typeof withUpFlags>`. */
export type FlagsOf<Declare extends (command: never) => { opts(): OptionValues }> = Readonly<
  ReturnType<ReturnType<Declare>['opts']>
>;

/** For an option that may be repeated. */
export function collect(value: string, all: readonly string[]): readonly string[] {
  return [...all, value];
}

/** Like `collect`, for an option that also has a `--no-` form, which may have set false before; the last one counts. */
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
