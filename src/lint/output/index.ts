import { githubOutput } from './github.ts';
import { jsonOutput } from './json.ts';
import { junitOutput } from './junit.ts';
import { markdownOutput } from './markdown.ts';
import type { LintReport } from './report.ts';
import { sarifOutput } from './sarif.ts';
import { tableOutput } from './table.ts';

export { fails, type LintReport, type ParseError, tally } from './report.ts';

export const OUTPUTS = {
  table: tableOutput,
  json: jsonOutput,
  sarif: sarifOutput,
  junit: junitOutput,
  github: githubOutput,
  markdown: markdownOutput,
} as const satisfies Readonly<Record<string, (report: LintReport) => string>>;

export type LintFormat = keyof typeof OUTPUTS;

export function isLintFormat(text: string): text is LintFormat {
  return Object.hasOwn(OUTPUTS, text);
}
