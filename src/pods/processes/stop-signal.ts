import { constants } from 'node:os';

/** Linux; Node has no names for these. */
const REAL_TIME_MIN = 34;
const REAL_TIME_MAX = 64;

/** The number of a stop signal of a manifest, such as `SIGUSR1` or `SIGRTMIN+3`; SIGTERM for one that this system lacks. */
export function signalNumber(name: string | undefined): number {
  const realTime = /^SIGRT(MIN|MAX)(?:([+-]\d+))?$/.exec(name ?? '');
  if (realTime !== null) return (realTime[1] === 'MIN' ? REAL_TIME_MIN : REAL_TIME_MAX) + Number(realTime[2] ?? 0);
  const known = Object.entries(constants.signals).find(([signal]) => signal === name);
  return known?.[1] ?? constants.signals.SIGTERM;
}
