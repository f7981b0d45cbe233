import type { Examination, Finding } from '../examination.ts';
import { contradictingLines, staleBlocks } from './hosts.ts';
import { ndots, shortName } from './search.ts';
import { elsewhere, rules, server, unasked } from './setup.ts';
import { servers, switchOrder, vpn } from './system.ts';

/** One look at an examination each, in the order in which they are told: what is nearest to the cause first. */
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

/** What stands in the way of a name, problems first. */
export function findingsOf(seen: Examination): Finding[] {
  const found = ALL.flatMap(look => look(seen));
  return [...found.filter(({ level }) => level === 'problem'), ...found.filter(({ level }) => level === 'note')];
}
