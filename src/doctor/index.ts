/**
 * Diagnoses why a name does or does not resolve on this machine. `examine` resolves it by every available way,
 * `findingsOf` derives problems and notes from that alone, and `diagnose` summarizes them in one line.
 *
 * @module
 */
export type { Examination, Finding, Outcome, PathAnswer } from './examination.ts';
export { type ExamineOptions, examine } from './examine.ts';
export { findingsOf } from './findings/index.ts';
export { type Diagnosis, diagnose, diagnosisText, pathText } from './report.ts';
