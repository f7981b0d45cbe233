import { fingerprint } from '../baseline.ts';
import type { Finding } from '../finding.ts';
import type { LintReport } from './report.ts';

export function jsonOutput(report: LintReport): string {
  const item = (finding: Finding) => ({ ...finding, fingerprint: fingerprint(finding) });
  const list = {
    apiVersion: 'switchboard/v1',
    kind: 'FindingList',
    items: report.findings.map(item),
    errors: report.errors,
    suppressed: report.suppressed.map(({ finding, by, reason }) => ({ by, reason, finding: item(finding) })),
  };
  return `${JSON.stringify(list, null, 2)}\n`;
}
