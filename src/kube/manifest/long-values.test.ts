/** Values in messages are cut: whatever a file contains, a message stays readable and shows little of it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isRecord } from '../../data/index.ts';
import { parseManifest } from './index.ts';
import { readYaml } from './yaml.ts';

const OPTIONS = { primaryFamily: 'IPv4', defaultNamespace: 'default', run: true } as const;
const EXAMPLES = ['examples/shop', 'examples/shop/pods', 'examples/broken'];

function parse(text: string) {
  const { faults, notes, skipped } = parseManifest(text, OPTIONS);
  return [
    ...[...faults, ...notes].flatMap(({ object, field, why, fix }) => [object, field, why, fix]),
    ...skipped.keys(),
  ];
}

/** Copies of a value in which one scalar, or one name of a field, is replaced. */
function* variants(value: unknown, by: (old: unknown) => unknown): Generator<unknown> {
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) for (const other of variants(item, by)) yield value.with(i, other);
  } else if (isRecord(value)) {
    for (const [name, item] of Object.entries(value)) {
      for (const other of variants(item, by)) yield { ...value, [name]: other };
      yield { ...value, [String(by(name))]: item };
      yield { ...value, [name]: by(item) };
    }
  } else yield by(value);
}

test.each([
  ['a long word', 'x'.repeat(5_000)],
  ['a long text with spaces', 'secret words '.repeat(500)],
  ['a long number', '9'.repeat(5_000)],
])('no message is longer than a few lines for %s in any place', (_what, long) => {
  let checked = 0;
  for (const folder of EXAMPLES) {
    for (const file of readdirSync(folder).filter(name => name.endsWith('.yaml'))) {
      for (const { value } of readYaml(readFileSync(join(folder, file), 'utf8')).documents) {
        for (const variant of variants(value, () => long)) {
          checked++;
          for (const text of parse(JSON.stringify(variant))) {
            if (text.length > 500) throw new Error(`${file}: ${text.length} characters: ${text.slice(0, 600)}`);
          }
        }
      }
    }
  }
  expect(checked).toBeGreaterThan(1_000);
});

test('only the kind of a document that is no object is in its fault', () => {
  const key = '-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n';
  const [fault] = parseManifest(`|\n${key.replaceAll(/^/gm, '  ')}`, OPTIONS).faults;
  expect(fault?.why).toBe('is text, not an object');
  expect(parse(key).join('\n')).not.toMatch(/BEGIN|c2VjcmV0/);
});

test('a long alias or tag is cut in the error of the parser', () => {
  for (const text of [`a: *${'x'.repeat(9_000)}`, `a: !${'x'.repeat(9_000)} b`, `a: "${'x'.repeat(9_000)}`]) {
    const [error = '', ...others] = parse(text).filter(part => part.length > 100);
    expect([error.length <= 120, others]).toEqual([true, []]);
  }
});
