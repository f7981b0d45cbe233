/**
 * Finds phrases that the project replaced by plain words and that must not come back. Prints each with its place.
 *
 *     node scripts/phrases.ts
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

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
const PATHS = ['src', 'test', 'testing', 'bench', 'scripts', 'docs', 'deploy', 'examples', '*.md'];
/** They state the phrases. */
const EXCEPT = ['scripts/phrases.ts'];

const files = execFileSync('git', ['ls-files', '-z', '--', ...PATHS], { encoding: 'utf8' })
  .split('\0')
  .filter(Boolean);
let found = 0;
for (const file of files) {
  if (EXCEPT.includes(file)) continue;
  for (const [index, line] of readFileSync(file, 'utf8').split('\n').entries()) {
    for (const [phrase, better] of PHRASES) {
      const match = phrase.exec(line);
      if (match === null) continue;
      found += 1;
      console.error(`${file}:${index + 1}:${match.index + 1}  "${match[0]}": write plainly (${better})`);
    }
  }
}
if (found > 0) process.exitCode = 1;
