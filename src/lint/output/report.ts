import type { Position } from '../../kube/manifest/index.ts';
import type { FailOn } from '../config.ts';
import { type Confidence, type Finding, rank, type Suppressed } from '../finding.ts';
import type { Rule } from '../rule.ts';

/** The input of every format. */
export interface LintReport {
  readonly findings: readonly Finding[];
  readonly suppressed: readonly Suppressed[];
  readonly rules: readonly Rule[];
  readonly failOn: FailOn;
  /** All files read, including those without findings. */
  readonly files: readonly string[];
  readonly version: string;
  /** Text that could not be parsed, so nothing in its file was checked. */
  readonly errors: readonly ParseError[];
}

export interface ParseError extends Position {
  readonly file: string;
  readonly message: string;
}

export function fails(confidence: Confidence, failOn: FailOn): boolean {
  return failOn !== 'never' && rank(confidence) <= rank(failOn);
}

/** `2 certain, 1 likely, 4 hints`; `no findings`. */
export function tally(findings: readonly Finding[]): string {
  const number = (confidence: Confidence) => findings.filter(f => f.confidence === confidence).length;
  const hints = number('hint');
  const parts = [
    `${number('certain')} certain`,
    `${number('likely')} likely`,
    `${hints} ${hints === 1 ? 'hint' : 'hints'}`,
  ];
  const present = parts.filter(part => !part.startsWith('0 '));
  return present.length === 0 ? 'no findings' : present.join(', ');
}
