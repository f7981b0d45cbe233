import type { Examination, Finding } from '../examination.ts';
import { contradictingLines, staleBlocks } from './hosts.ts';
import { ndots, shortName } from './search.ts';
import { elsewhere, rules, server, unasked } from './setup.ts';
import { servers, switchOrder, vpn } from './system.ts';

/** The checks, in the order in which they are reported: the most likely cause first. */
const ALL: readonly ((seen: Examination) => Finding[])[] = [
  staleBlocks,
  contradictingLines,
  rules,
  server,
  unasked,
  shortName,
  elsewhere,
  switchOrder,
  servers,
  vpn,
  ndots,
];

/** The findings about a name, problems first. */
export function findingsOf(seen: Examination): Finding[] {
  const found = ALL.flatMap(check => check(seen));
  return [...found.filter(({ level }) => level === 'problem'), ...found.filter(({ level }) => level === 'note')];
}
