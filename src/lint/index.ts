export { fingerprint, readBaseline, withoutBaseline, writeBaseline } from './baseline.ts';
export { FAIL_ON, type FailOn, type LintConfig, NO_CONFIG, parseConfig } from './config.ts';
export {
  CONFIDENCES,
  type Confidence,
  compareFindings,
  type Finding,
  objectText,
  type PatchStep,
  placeText,
  type Suppressed,
} from './finding.ts';
export type { LintInput } from './inventory.ts';
export { lint } from './lint.ts';
export {
  fails,
  isLintFormat,
  type LintFormat,
  type LintReport,
  OUTPUTS,
  type ParseError,
  tally,
} from './output/index.ts';
export type { Rule } from './rule.ts';
export { RULES, ruleById } from './rules/index.ts';
export { suppress } from './suppress.ts';
