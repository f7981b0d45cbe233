/**
 * Finds phrases that the project replaced by plain words and that must not come back. Prints each with its place.
 *
 *     node scripts/phrases.ts
 */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Phrase to what to write in its place. */
const PHRASES: readonly (readonly [phrase: RegExp, better: string])[] = [
  [/\b(is|are|was|were|be|been|being) told\b/i, 'say who reports, prints or passes what'],
  [/\btold of\b/i, 'reports'],
  [/\bpassed over\b/i, 'skipped'],
  [/\bwhoever\b/i, 'name the actor'],
  [/\bmend(s|ed|ing)?\b/i, 'fix'],
  [/\bof ours\b/i, "our, or Switchboard's"],
  [/\banew\b/i, 'again'],
  [/\b(MOST|LEAST)_[A-Z]/, 'MAX_ or MIN_'],
];
const FOLDERS = ['src', 'test', 'testing', 'bench', 'scripts', 'docs', 'deploy', 'examples'];
const PATHS = [...FOLDERS.map(folder => `${folder}/**/*.{ts,mjs,md,yaml,json,tpl}`), '*.md'];
/** They state the phrases. */
const EXCEPT = ['scripts/phrases.ts'];

const files = globSync(PATHS, { cwd: join(import.meta.dirname, '..') }).sort();
let found = 0;
for (const file of files) {
  if (EXCEPT.includes(file)) continue;
  for (const [index, line] of readFileSync(join(import.meta.dirname, '..', file), 'utf8')
    .split('\n')
    .entries()) {
    for (const [phrase, better] of PHRASES) {
      const match = phrase.exec(line);
      if (match === null) continue;
      found += 1;
      console.error(`${file}:${index + 1}:${match.index + 1}  "${match[0]}": write plainly (${better})`);
    }
  }
}
if (found > 0) process.exitCode = 1;
