import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildProgram } from '../../src/cli/program.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const pages = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'examples/README.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter(name => name.endsWith('.md'))
    .map(name => `docs/${name}`),
];

describe('documents are true', () => {
  test.each(pages)('the links of %s lead somewhere', page => {
    const links = [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(match => match[1] ?? '');
    for (const link of links) expect(existsSync(join(ROOT, page, '..', link)), link).toBe(true);
  });

  test('every confusion of docs/ports.md has its example, and the rule finds it', () => {
    const rows = [...read('docs/ports.md').matchAll(/`([\w-]+\.yaml)` \| \[(R\d+)\]/g)];
    expect(rows.length).toBeGreaterThan(10);
    for (const [, file, rule] of rows) {
      expect(existsSync(join(ROOT, 'examples/broken', file ?? '')), file).toBe(true);
      expect(existsSync(join(ROOT, `docs/rules/${rule}.md`)), rule).toBe(true);
    }
  });

  test('docs/cli.md names every command and every flag', () => {
    const page = read('docs/cli.md');
    const all = buildProgram().commands.flatMap(command => [
      { words: command.name(), command },
      ...command.commands.map(below => ({ words: `${command.name()} ${below.name()}`, command: below })),
    ]);
    for (const { words, command } of all) {
      expect(page, words).toContain(`switchboard ${words}`);
      const flags = command.options.map(option => option.long ?? '').filter(flag => flag !== '--no-headers');
      for (const flag of flags)
        expect(page + read('docs/explain.md') + read('docs/kube-proxy-compat.md'), `${words} ${flag}`).toContain(flag);
    }
  });
});
