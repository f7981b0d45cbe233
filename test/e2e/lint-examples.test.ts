/** Each file of `examples/broken` names in its first lines the rule that finds it; no other rule finds a fault in it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseManifest } from '../../src/kube/manifest/index.ts';
import { lint } from '../../src/lint/index.ts';

const ROOT = join(import.meta.dirname, '../../examples');

function inputs(folder: string) {
  return readdirSync(join(ROOT, folder))
    .filter(name => name.endsWith('.yaml'))
    .map(file => {
      const text = readFileSync(join(ROOT, folder, file), 'utf8');
      const manifest = parseManifest(text, { primaryFamily: 'IPv4', defaultNamespace: 'default', keepValues: true });
      return { file, text, manifest };
    });
}

const OPTIONS = { defaultNamespace: 'default', complete: false };

describe('examples/broken, read as one', () => {
  const broken = inputs('broken');
  const findings = lint(broken, OPTIONS).filter(finding => finding.confidence !== 'hint');

  test.each(broken.map(({ file, text }) => [file, text] as const))('%s', (file, text) => {
    const wanted = /^# lint finds: (R\d+)$/m.exec(text)?.[1];
    const found = findings.filter(finding => finding.file === file);
    const messages = found.map(finding => `${finding.rule}: ${finding.message}`).join('\n');
    expect([...new Set(found.map(finding => finding.rule))], messages).toEqual([wanted]);
  });
});

test('examples/shop has nothing but hints', () => {
  const strong = lint(inputs('shop'), OPTIONS).filter(finding => finding.confidence !== 'hint');
  expect(strong.map(finding => `${finding.rule} ${finding.name}: ${finding.message}`)).toEqual([]);
});
