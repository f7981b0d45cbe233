import { type Finding, objectText, placeText } from '../finding.ts';
import { fails, type LintReport } from './report.ts';

/** A suite for each file, a case for each finding. Findings below --fail-on are passed cases with output. */
export function junitOutput(report: LintReport): string {
  const { findings, files, failOn } = report;
  const suites = files.map(file => {
    const own = findings.filter(finding => finding.file === file);
    const failed = own.filter(finding => fails(finding.confidence, failOn)).length;
    const cases =
      own.length === 0
        ? [`    <testcase name="${xml(file)}" classname="switchboard.lint"/>\n`]
        : own.map(f => testCase(f, fails(f.confidence, failOn)));
    return `  <testsuite name="${xml(file)}" tests="${cases.length}" failures="${failed}" errors="0" skipped="0">\n${cases.join('')}  </testsuite>\n`;
  });
  const tests = files.reduce((sum, file) => sum + Math.max(1, findings.filter(f => f.file === file).length), 0);
  const failures = findings.filter(finding => fails(finding.confidence, failOn)).length;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="switchboard lint" tests="${tests}" failures="${failures}" errors="0">\n${suites.join('')}</testsuites>\n`;
}

function testCase(finding: Finding, failed: boolean): string {
  const name = xml(`${finding.rule} ${objectText(finding)} ${finding.field}`.trimEnd());
  const text = xml(`${placeText(finding)} (${finding.confidence})\n${finding.message}\nfix: ${finding.fix}`);
  const inner = failed
    ? `      <failure type="${finding.rule}" message="${xml(finding.message)}">${text}</failure>\n`
    : `      <system-out>${text}</system-out>\n`;
  return `    <testcase name="${name}" classname="switchboard.lint.${finding.rule}">\n${inner}    </testcase>\n`;
}

function xml(text: string): string {
  return [...text]
    .filter(c => c >= ' ' || c === '\n' || c === '\t')
    .join('')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
