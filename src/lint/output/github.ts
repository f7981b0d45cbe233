import type { Position } from '../../kube/manifest/index.ts';
import { type Confidence, objectText } from '../finding.ts';
import type { LintReport } from './report.ts';

const COMMANDS: Readonly<Record<Confidence, string>> = { certain: 'error', likely: 'warning', hint: 'notice' };

/** Workflow commands, which GitHub shows beside the lines of a pull request. */
export function githubOutput(report: LintReport): string {
  const errors = report.errors.map(error => `::error ${placeOf(error)}title=not checked::${data(error.message)}\n`);
  const findings = report.findings.map(finding => {
    const title = property(`${finding.rule} ${objectText(finding)} (${finding.confidence})`);
    return `::${COMMANDS[finding.confidence]} ${placeOf(finding)}title=${title}::${data(`${finding.message}\nfix: ${finding.fix}`)}\n`;
  });
  return [...errors, ...findings].join('');
}

/** Without a line, as for a cluster, GitHub shows the finding on the run. */
function placeOf({ file, line, col }: Position & { readonly file: string }): string {
  return line === 0 ? '' : `file=${property(file)},line=${line},col=${col},`;
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
