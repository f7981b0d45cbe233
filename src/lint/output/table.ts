import { objectText, placeText } from '../finding.ts';
import type { LintReport } from './report.ts';

/** Three lines a finding: where and what about, what is wrong, what to do. The first can be followed by an editor. */
export function tableOutput(report: LintReport): string {
  return report.findings
    .map(finding => {
      const about = `${finding.confidence} ${finding.rule}  ${objectText(finding)}  ${finding.field}`.trimEnd();
      return `${placeText(finding)}: ${about}\n    ${finding.message}\n    fix: ${finding.fix}\n`;
    })
    .join('');
}
