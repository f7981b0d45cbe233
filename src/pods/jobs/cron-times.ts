/** Whether a schedule fires in a minute. Pure. */
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
  const { minute, hour, day, month, weekday } = minuteIn(at, zone ?? 'UTC');
  const { minutes, hours, months, daysOfMonth, daysOfWeek, eitherDay } = schedule;
  if (!minutes.has(minute) || !hours.has(hour) || !months.has(month)) return false;
  return eitherDay ? daysOfMonth.has(day) || daysOfWeek.has(weekday) : daysOfMonth.has(day) && daysOfWeek.has(weekday);
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
