/**
 * A baseline: the findings of an earlier run, so that only new ones count. Identifies a finding by its rule, object,
 * field and message, and not by its position in a file.
 *
 * @module
 */
import { fnv1a } from '../data/index.ts';
import { type Finding, objectText, type Suppressed } from './finding.ts';

interface BaselineFile {
  readonly apiVersion: 'switchboard/v1';
  readonly kind: 'LintBaseline';
  readonly findings: readonly { readonly fingerprint: string; readonly rule: string; readonly object: string }[];
}

/** Sixteen hexadecimal digits. */
export function fingerprint(finding: Finding): string {
  const text = [finding.rule, objectText(finding), finding.field, finding.message].join('\n');
  const hex = (part: string) => fnv1a(part).toString(16).padStart(8, '0');
  return hex(text) + hex(`${text}\n`);
}

export function writeBaseline(findings: readonly Finding[]): string {
  const file: BaselineFile = {
    apiVersion: 'switchboard/v1',
    kind: 'LintBaseline',
    findings: findings.map(finding => ({
      fingerprint: fingerprint(finding),
      rule: finding.rule,
      object: objectText(finding),
    })),
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** Counts the fingerprints of a baseline file. @returns undefined if the text is not a baseline */
export function readBaseline(text: string): Map<string, number> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || !('findings' in value)) return undefined;
  if (!('kind' in value) || value.kind !== 'LintBaseline' || !Array.isArray(value.findings)) return undefined;
  const counts = new Map<string, number>();
  for (const item of value.findings) {
    const print: unknown =
      typeof item === 'object' && item !== null && 'fingerprint' in item ? item.fingerprint : undefined;
    if (typeof print !== 'string') return undefined;
    counts.set(print, (counts.get(print) ?? 0) + 1);
  }
  return counts;
}

/** Suppresses as many findings with each fingerprint as the baseline has. */
export function withoutBaseline(
  findings: readonly Finding[],
  baseline: ReadonlyMap<string, number>,
): { kept: Finding[]; suppressed: Suppressed[] } {
  const left = new Map(baseline);
  const kept: Finding[] = [];
  const suppressed: Suppressed[] = [];
  for (const finding of findings) {
    const print = fingerprint(finding);
    const count = left.get(print) ?? 0;
    if (count === 0) kept.push(finding);
    else {
      left.set(print, count - 1);
      suppressed.push({ finding, by: 'baseline', reason: 'in the baseline' });
    }
  }
  return { kept, suppressed };
}
