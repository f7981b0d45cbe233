/**
 * Why a name does or does not resolve on this machine. `examine` looks it up by every way there is, `findingsOf` says
 * what stands in the way, from what was seen and nothing else, and `diagnose` puts it in one line.
 *
 * @module
 */
export type { Examination, Finding, Outcome, PathAnswer } from './examination.ts';
export { type ExamineOptions, examine } from './examine.ts';
export { findingsOf } from './findings/index.ts';
export { type Diagnosis, diagnose, diagnosisText, pathText } from './report.ts';
