/**
 * Adds up vitest's JSON reports, names the tests that failed or skipped, and ends with `N passed, N failed, N skipped`.
 *
 *     node scripts/test-summary.ts [--may-skip NAME] FOLDER NAME...      (reads FOLDER/NAME.json)
 *
 * Skipped tests of the report NAME are expected: they are counted on a line of their own.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

interface Report {
  readonly passed: number;
  readonly failed: readonly string[];
  readonly skipped: readonly string[];
}

const { values, positionals } = parseArgs({ options: { 'may-skip': { type: 'string' } }, allowPositionals: true });
const [folder = '.', ...names] = positionals;
let passed = 0;
let failed = 0;
let skipped = 0;
for (const name of names) {
  const report = read(name);
  for (const test of report.failed) console.log(`failed (${name}): ${test}`);
  passed += report.passed;
  failed += report.failed.length;
  if (name === values['may-skip']) {
    console.log(`${name}: ${report.skipped.length} tests skipped, as expected`);
  } else {
    for (const test of report.skipped) console.log(`skipped (${name}): ${test}`);
    skipped += report.skipped.length;
  }
}
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
if (failed + skipped > 0 || passed === 0) process.exitCode = 1;

function read(name: string): Report {
  const path = join(folder, `${name}.json`);
  if (!existsSync(path)) return { passed: 0, failed: ['the run wrote no report'], skipped: [] };
  const suites = list(property(JSON.parse(readFileSync(path, 'utf8')), 'testResults'));
  const tests = suites.flatMap(suite => list(property(suite, 'assertionResults')));
  const named = (status: (text: string) => boolean): string[] =>
    tests.filter(test => status(text(test, 'status'))).map(test => text(test, 'fullName'));
  const broken = suites.filter(
    suite =>
      text(suite, 'status') === 'failed' &&
      !list(property(suite, 'assertionResults')).some(test => text(test, 'status') === 'failed'),
  );
  return {
    passed: named(status => status === 'passed').length,
    failed: [...named(status => status === 'failed'), ...broken.map(suite => text(suite, 'name'))],
    skipped: named(status => !['passed', 'failed'].includes(status)),
  };
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown, name: string): string {
  return String(property(value, name) ?? '');
}
