/**
 * Schedules of CronJobs, with the grammar of Kubernetes (robfig/cron, `ParseStandard`): five fields, or a name such as
 * `@hourly`, or `@every 1h30m`.
 *
 * @module
 */

import { shown } from './read/wording.ts';

/** The minutes, hours, days and months at which a schedule fires. */
export type CronSchedule =
  | {
      readonly kind: 'times';
      readonly minutes: ReadonlySet<number>;
      readonly hours: ReadonlySet<number>;
      readonly daysOfMonth: ReadonlySet<number>;
      /** 1 is January. */
      readonly months: ReadonlySet<number>;
      /** 0 is Sunday. */
      readonly daysOfWeek: ReadonlySet<number>;
      /** If neither kind of day is `*`, a day of either kind fires; otherwise a day must be of both. */
      readonly eitherDay: boolean;
    }
  | { readonly kind: 'every'; readonly seconds: number };

export type ParsedCron =
  | { readonly status: 'schedule'; readonly schedule: CronSchedule }
  | { readonly status: 'invalid'; readonly why: string };

interface Range {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const MONTHS = ['', 'jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const MINUTE: Range = { name: 'minute', min: 0, max: 59 };
const HOUR: Range = { name: 'hour', min: 0, max: 23 };
const DAY: Range = { name: 'day of the month', min: 1, max: 31 };
const MONTH: Range = { name: 'month', min: 1, max: 12, names: MONTHS };
const WEEKDAY: Range = { name: 'day of the week', min: 0, max: 6, names: DAYS };

const NAMED: ReadonlyMap<string, string> = new Map([
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
  ['@monthly', '0 0 1 * *'],
  ['@weekly', '0 0 * * 0'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@hourly', '0 * * * *'],
]);

export function parseCron(text: string): ParsedCron {
  const every = /^@every (.*)$/s.exec(text)?.[1];
  if (every !== undefined) {
    const seconds = durationSeconds(every);
    if (seconds === undefined) return invalid(`${shown(every)} is not a duration such as 1h30m`);
    // Shorter intervals are one second, and fractions are dropped.
    return { status: 'schedule', schedule: { kind: 'every', seconds: Math.max(1, Math.floor(seconds)) } };
  }
  if (text.startsWith('@') && !NAMED.has(text)) return invalid(`${shown(text)} is not a known name`);
  const parts = (NAMED.get(text) ?? text).split(/\s+/).filter(part => part !== '');
  if (parts.length !== 5) return invalid(`it has ${parts.length} fields instead of 5`);
  try {
    const [minutes = '', hours = '', daysOfMonth = '', months = '', daysOfWeek = ''] = parts;
    const schedule: CronSchedule = {
      kind: 'times',
      minutes: values(minutes, MINUTE),
      hours: values(hours, HOUR),
      daysOfMonth: values(daysOfMonth, DAY),
      months: values(months, MONTH),
      daysOfWeek: values(daysOfWeek, WEEKDAY),
      eitherDay: !isStar(daysOfMonth) && !isStar(daysOfWeek),
    };
    return { status: 'schedule', schedule };
  } catch (error) {
    if (error instanceof CronProblem) return invalid(error.message);
    throw error;
  }
}

class CronProblem extends Error {}

function invalid(why: string): ParsedCron {
  return { status: 'invalid', why };
}

/** `*` alone, or with a step of 1. */
function isStar(field: string): boolean {
  return field.split(',').some(part => {
    const [span = '', step = '1'] = part.split('/');
    return /^[*?](-|$)/.test(span) && Number(step) <= 1;
  });
}

function values(field: string, range: Range): ReadonlySet<number> {
  const found = new Set<number>();
  for (const part of field.split(',')) {
    // Empty parts are skipped, as in `1,,2`.
    if (part === '') continue;
    const { start, end, step } = parsePart(part, range);
    for (let value = start; value <= end; value += step) found.add(value);
  }
  return found;
}

function parsePart(
  part: string,
  range: Range,
): { readonly start: number; readonly end: number; readonly step: number } {
  const problem = (why: string) => new CronProblem(`the ${range.name} ${shown(part)} ${why}`);
  const [span = '', stepText, ...moreSteps] = part.split('/');
  const [low = '', high, ...moreEnds] = span.split('-');
  if (moreSteps.length > 0) throw problem('has more than one "/"');
  const isAny = low === '*' || low === '?';
  if (!isAny && moreEnds.length > 0) throw problem('has more than one "-"');
  const start = isAny ? range.min : parseNumber(low, range);
  const last = isAny ? range.max : high === undefined ? start : parseNumber(high, range);
  const step = stepText === undefined ? 1 : parseNumber(stepText, { ...range, names: [] });
  if (start === undefined || last === undefined || step === undefined) throw problem('is not a number');
  // `5/10` means from 5 to the end.
  const end = high === undefined && stepText !== undefined ? range.max : last;
  if (start < range.min || end > range.max) throw problem(`is not between ${range.min} and ${range.max}`);
  if (start > end) throw problem('ends before it starts');
  if (step === 0) throw problem('has a step of 0');
  return { start, end, step };
}

function parseNumber(text: string, { names = [] }: Range): number | undefined {
  const named = text === '' ? -1 : names.indexOf(text.toLowerCase());
  if (named !== -1) return named;
  return /^\+?\d{1,9}$/.test(text) ? Number(text) : undefined;
}

const UNITS: ReadonlyMap<string, number> = new Map([
  ['ns', 1e-9],
  ['us', 1e-6],
  ['µs', 1e-6],
  ['μs', 1e-6],
  ['ms', 1e-3],
  ['s', 1],
  ['m', 60],
  ['h', 3600],
]);

/** Go's durations: `1h30m`, `1.5h`. */
function durationSeconds(text: string): number | undefined {
  if (/^[+-]?0$/.test(text)) return 0;
  if (!/^[+-]?((\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h))+$/.test(text)) return undefined;
  let seconds = 0;
  for (const [, number = '', unit = ''] of text.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g)) {
    seconds += Number(number) * (UNITS.get(unit) ?? 0);
  }
  return text.startsWith('-') ? -seconds : seconds;
}
