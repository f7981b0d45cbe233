import { objectText, placeText } from '../finding.ts';
import { type LintReport, tally } from './report.ts';

/** A table for a comment on a pull request. */
export function markdownOutput(report: LintReport): string {
  const { findings } = report;
  const errors = report.errors.map(error => `- \`${placeText(error)}\` was not checked: ${cell(error.message)}\n`);
  const unchecked = errors.length === 0 ? '' : `\n${errors.join('')}`;
  if (findings.length === 0) {
    return `**switchboard lint**: ${errors.length === 0 ? 'no findings' : 'not everything was checked'}\n${unchecked}`;
  }
  const rows = findings.map(finding =>
    [
      `\`${finding.line === 0 ? finding.file : `${finding.file}:${finding.line}`}\``,
      `${finding.confidence} ${finding.rule}`,
      `\`${objectText(finding)}\`${finding.field === '' ? '' : `<br>\`${finding.field}\``}`,
      `${cell(finding.message)}<br>**Fix:** ${cell(finding.fix)}`,
    ].join(' | '),
  );
  const head = '| Where | Rule | Object | Finding |\n| --- | --- | --- | --- |\n';
  return `**switchboard lint**: ${tally(findings)}\n\n${head}${rows.map(row => `| ${row} |\n`).join('')}${unchecked}`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', ' ');
}
