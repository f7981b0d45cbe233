import type { LintContext } from './context.ts';
import type { Confidence, Problem } from './finding.ts';

/** A rule: `docs/rules/<id>.md` explains it, and holds the examples that test it. */
export interface Rule {
  /** `R10`; never given to another rule. */
  readonly id: string;
  /** What is wrong, in a line. */
  readonly title: string;
  /** What a finding claims unless it says otherwise. */
  readonly confidence: Confidence;
  check(context: LintContext): Iterable<Problem>;
}
