/** When a schedule fires. Pure. */
import type { CronSchedule } from '../../kube/index.ts';

interface Minute {
  readonly minute: number;
  readonly hour: number;
  readonly day: number;
  readonly month: number;
  readonly weekday: number;
}

/**
 * @param zone such as `Europe/Berlin`; undefined: UTC, as in most clusters
 * @param startedAt the moment from which `@every` counts
 */
export function firesAt(schedule: CronSchedule, at: Date, zone: string | undefined, startedAt: Date): boolean {
  if (schedule.kind === 'every') {
    const seconds = Math.max(60, schedule.seconds);
    const elapsed = Math.floor((at.getTime() - startedAt.getTime()) / 1000);
    return elapsed >= seconds && elapsed % seconds < 60;
  }
  const minute = minuteIn(at, zone ?? 'UTC');
  return schedule.minutes.has(minute.minute) && schedule.hours.has(minute.hour) && isItsDay(schedule, minute);
}

function isItsDay(schedule: Extract<CronSchedule, { kind: 'times' }>, { day, month, weekday }: Minute): boolean {
  const { months, daysOfMonth, daysOfWeek, eitherDay } = schedule;
  if (!months.has(month)) return false;
  return eitherDay ? daysOfMonth.has(day) || daysOfWeek.has(weekday) : daysOfMonth.has(day) && daysOfWeek.has(weekday);
}

const MINUTE_MS = 60_000;
/** A schedule may wait for the next 29 February, and 2100 has none. */
const MAX_DAYS = 8 * 366;
/** Clocks are changed by less, so that no day is missed. */
const LAST_HOURS = 2;

/** The next minute after a moment in which a schedule fires; undefined: there is none, as on 31 February. */
export function nextTime(
  schedule: CronSchedule,
  after: Date,
  zone: string | undefined,
  startedAt: Date,
): Date | undefined {
  let at = (Math.floor(after.getTime() / MINUTE_MS) + 1) * MINUTE_MS;
  const end = at + MAX_DAYS * 24 * 60 * MINUTE_MS;
  while (at < end) {
    const moment = new Date(at);
    if (firesAt(schedule, moment, zone, startedAt)) return moment;
    at += stepFrom(schedule, moment, zone);
  }
  return undefined;
}

/** How far it is to the next minute that may fire: to that hour, or near to the end of a day that is not its own. */
function stepFrom(schedule: CronSchedule, at: Date, zone: string | undefined): number {
  if (schedule.kind === 'every') return MINUTE_MS;
  const minute = minuteIn(at, zone ?? 'UTC');
  const toNextHour = (60 - minute.minute) * MINUTE_MS;
  if (!isItsDay(schedule, minute)) return toNextHour + Math.max(0, 23 - LAST_HOURS - minute.hour) * 60 * MINUTE_MS;
  return schedule.hours.has(minute.hour) ? MINUTE_MS : toNextHour;
}

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

function minuteIn(at: Date, timeZone: string): Minute {
  const format = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone, hourCycle: 'h23', weekday: 'short' },
    ...{ month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' },
  });
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]));
  const number = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type));
  return {
    minute: number('minute'),
    hour: number('hour'),
    day: number('day'),
    month: number('month'),
    weekday: WEEKDAYS.indexOf(parts.get('weekday') ?? ''),
  };
}
