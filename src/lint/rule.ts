import type { LintContext } from './context.ts';
import type { Confidence, Problem } from './finding.ts';

/** A rule. `docs/rules/<id>.md` explains it and contains the examples that test it. */
export interface Rule {
  /** `R10`; never reused for another rule. */
  readonly id: string;
  /** The problem in one line. */
  readonly title: string;
  /** The default confidence of its findings. */
  readonly confidence: Confidence;
  check(context: LintContext): Iterable<Problem>;
}
