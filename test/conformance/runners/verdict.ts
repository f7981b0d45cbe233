/**
 * Verdicts of a plane on the scenarios: one test each, and a table of all planes.
 *
 * @module
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { PlaneName, Scenario } from '../scenarios/index.ts';
import { VERDICTS } from './folder.ts';

/** Scenario id to what differs; a missing scenario was not run. */
export type Verdicts = ReadonlyMap<string, readonly string[]>;

/** For the table: `same`, `differs`, `excepted: why`, `not run`. */
export function writeVerdicts(plane: PlaneName, scenarios: readonly Scenario[], verdicts: Verdicts): void {
  const rows = scenarios.map(({ id, name, except }) => {
    const reason = except[plane]?.why;
    const problems = verdicts.get(id);
    const verdict = problems === undefined ? 'not run' : problems.length === 0 ? 'same' : 'differs';
    return { id, name, verdict: reason === undefined ? verdict : `excepted: ${reason}` };
  });
  mkdirSync(VERDICTS, { recursive: true });
  writeFileSync(join(VERDICTS, `${plane}.json`), JSON.stringify(rows, null, 1));
}

/**
 * One test for each scenario. An excepted one must differ, otherwise the exception is stale; a plane that cannot take
 * part in a scenario gives no verdict on it.
 */
export function testVerdicts(plane: PlaneName, scenarios: readonly Scenario[], verdicts: () => Verdicts): void {
  for (const { id, name, except } of scenarios) {
    const exception = except[plane];
    if (exception === undefined) {
      test(`${id}: ${name}`, () => expect(verdicts().get(id)).toEqual([]));
    } else {
      const { why, sometimes } = exception;
      test(`${id}: ${name} (${plane} differs: ${why})`, context => {
        const problems = verdicts().get(id);
        if (problems === undefined) context.skip(why);
        else if (sometimes !== true)
          expect(problems, 'the exception is stale: the plane does what the others do').not.toEqual([]);
      });
    }
  }
}
