import { type Finding, objectText, placeText } from '../finding.ts';
import { fails, type LintReport, type ParseError } from './report.ts';

/** A suite for each file, a case for each finding. Findings below --fail-on are passed cases with output. */
export function junitOutput(report: LintReport): string {
  const { findings, files, failOn } = report;
  let tests = 0;
  const suites = files.map(file => {
    const own = findings.filter(finding => finding.file === file);
    const failed = own.filter(finding => fails(finding.confidence, failOn)).length;
    const errors = report.errors.filter(error => error.file === file);
    const cases = [
      ...errors.map(errorCase),
      ...own.map(finding => testCase(finding, fails(finding.confidence, failOn))),
    ];
    if (cases.length === 0) cases.push(`    <testcase name="${xml(file)}" classname="switchboard.lint"/>\n`);
    tests += cases.length;
    return `  <testsuite name="${xml(file)}" tests="${cases.length}" failures="${failed}" errors="${errors.length}" skipped="0">\n${cases.join('')}  </testsuite>\n`;
  });
  const failures = findings.filter(finding => fails(finding.confidence, failOn)).length;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="switchboard lint" tests="${tests}" failures="${failures}" errors="${report.errors.length}">\n${suites.join('')}</testsuites>\n`;
}

function errorCase(error: ParseError): string {
  const text = xml(`${placeText(error)}\n${error.message}`);
  const inner = `      <error message="${xml(error.message)}">${text}</error>\n`;
  return `    <testcase name="${xml(error.file)} does not parse" classname="switchboard.lint">\n${inner}    </testcase>\n`;
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
