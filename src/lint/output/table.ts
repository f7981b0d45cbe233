import { escapeControls } from '../../data/index.ts';
import { objectText, placeText } from '../finding.ts';
import type { LintReport } from './report.ts';

/** Three lines per finding: position and object, problem, fix. Editors can jump to the first. */
export function tableOutput(report: LintReport): string {
  return report.findings
    .map(finding => {
      const about = `${finding.confidence} ${finding.rule}  ${objectText(finding)}  ${finding.field}`.trimEnd();
      const lines = [`${placeText(finding)}: ${about}`, `    ${finding.message}`, `    fix: ${finding.fix}`];
      return lines.map(line => `${escapeControls(line)}\n`).join('');
    })
    .join('');
}
