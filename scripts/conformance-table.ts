/**
 * Prints the scenarios by plane, from the verdicts of the last runs of the conformance tests.
 *
 *     node scripts/conformance-table.ts
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VERDICTS } from '../test/conformance/runners/folder.ts';
import { PLANES, SCENARIOS } from '../test/conformance/scenarios/index.ts';

const columns = PLANES.map(plane => ({ plane, verdicts: read(join(VERDICTS, `${plane}.json`)) }));
const reasons: string[] = [];
const idWidth = Math.max(...SCENARIOS.map(scenario => scenario.id.length));

console.log([''.padEnd(idWidth), ...PLANES.map(plane => plane.padEnd(10))].join('  '));
for (const { id, name } of SCENARIOS) {
  const cells = columns.map(({ verdicts }) => cell(verdicts.get(id) ?? 'not run').padEnd(10));
  console.log([id.padEnd(idWidth), ...cells, name].join('  '));
}
console.log(`\n${reasons.map((reason, index) => `(${index + 1}) ${reason}`).join('\n')}`);
for (const { plane, verdicts } of columns) {
  const all = [...verdicts.values()];
  const count = (start: string): number => all.filter(verdict => verdict.startsWith(start)).length;
  console.log(`${plane}: ${count('same')} same, ${count('excepted')} excepted, ${count('differs')} differ`);
}

/** The reasons are printed below the table, each once. */
function cell(verdict: string): string {
  const why = /^excepted: (.*)$/.exec(verdict)?.[1];
  if (why === undefined) return verdict;
  if (!reasons.includes(why)) reasons.push(why);
  return `(${reasons.indexOf(why) + 1})`;
}

function read(file: string): ReadonlyMap<string, string> {
  if (!existsSync(file)) return new Map();
  const rows: unknown = JSON.parse(readFileSync(file, 'utf8'));
  return new Map(Array.isArray(rows) ? rows.flatMap(row => entry(row)) : []);
}

function entry(row: unknown): [string, string][] {
  if (typeof row !== 'object' || row === null || !('id' in row) || !('verdict' in row)) return [];
  return [[String(row.id), String(row.verdict)]];
}
