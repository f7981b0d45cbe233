/**
 * The page of each rule in docs/rules is its test: it must find the examples marked `bad`, and not those marked `good`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseManifest } from '../kube/manifest/index.ts';
import type { Finding } from './finding.ts';
import { lint } from './lint.ts';
import { RULES } from './rules/index.ts';

const PAGES = join(import.meta.dirname, '../../docs/rules');

interface Example {
  readonly kind: 'bad' | 'good';
  readonly complete: boolean;
  readonly text: string;
}

function examples(page: string): Example[] {
  return [...page.matchAll(/^```yaml (bad|good)( complete)?\n(.*?)^```$/gms)].map(match => ({
    kind: match[1] === 'bad' ? 'bad' : 'good',
    complete: match[2] !== undefined,
    text: match[3] ?? '',
  }));
}

function findings(example: Example): Finding[] {
  const manifest = parseManifest(example.text, {
    primaryFamily: 'IPv4',
    defaultNamespace: 'default',
    keepValues: true,
  });
  expect(manifest.faults.filter(fault => fault.object === '')).toEqual([]);
  const input = { file: 'example.yaml', text: example.text, manifest };
  return lint([input], { defaultNamespace: 'default', complete: example.complete });
}

const strong = (finding: Finding) => finding.confidence !== 'hint';
const text = (finding: Finding) => `${finding.confidence} ${finding.rule} ${finding.field}: ${finding.message}`;

describe.each(RULES.map(rule => [rule.id, rule] as const))('%s', (id, rule) => {
  const page = readFileSync(join(PAGES, `${id}.md`), 'utf8');
  const all = examples(page);

  test('has a page with its title, its confidence and both kinds of examples', () => {
    expect(page.split('\n')[0]).toBe(`# ${id}: ${rule.title}`);
    expect(page).toContain(`**Confidence:** ${rule.confidence}`);
    expect(new Set(all.map(example => example.kind))).toEqual(new Set(['bad', 'good']));
  });

  test.each(all.filter(example => example.kind === 'bad').map((example, at) => [at + 1, example] as const))(
    'finds bad example %i, and no other rule does',
    (_at, example) => {
      const found = findings(example);
      const own = found.filter(finding => finding.rule === id);
      expect(own.length, found.map(text).join('\n')).toBeGreaterThan(0);
      expect(found.filter(finding => finding.rule !== id && strong(finding)).map(text)).toEqual([]);
      for (const finding of own) {
        expect(finding.line).toBeGreaterThan(0);
        expect(finding.fix).toMatch(/\.$/);
        expect(finding.message).not.toMatch(/undefined|\[object|NaN/);
        expect(finding.fix).not.toMatch(/undefined|\[object|NaN/);
      }
    },
  );

  test.each(all.filter(example => example.kind === 'good').map((example, at) => [at + 1, example] as const))(
    'finds nothing in good example %i',
    (_at, example) => {
      const found = findings(example);
      expect(found.filter(finding => strong(finding) || finding.rule === id).map(text)).toEqual([]);
    },
  );
});

test('ids are unique and sorted, and every page has a rule', () => {
  const ids = RULES.map(rule => rule.id);
  expect(ids).toEqual([...new Set(ids)].sort());
  const pages = readdirSync(PAGES).filter(name => /^R\d+\.md$/.test(name));
  expect(pages.map(name => name.replace('.md', '')).sort()).toEqual(ids);
  const index = readFileSync(join(PAGES, 'README.md'), 'utf8');
  for (const { id, title, confidence } of RULES) {
    expect(index).toContain(`| [${id}](${id}.md) | ${title} | ${confidence} |`);
  }
});
