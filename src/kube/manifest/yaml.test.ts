import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readYaml } from './yaml.ts';

function values(text: string): unknown[] {
  const { documents, errors } = readYaml(text);
  expect(errors).toEqual([]);
  return documents.map(document => document.value);
}

describe('reads values as Kubernetes does', () => {
  test.each<[text: string, value: unknown]>([
    ['yes', true],
    ['Yes', true],
    ['on', true],
    ['ON', true],
    ['true', true],
    ['no', false],
    ['off', false],
    ['False', false],
    ['"yes"', 'yes'],
    ['21:22', '21:22'],
    ['1:30:00', '1:30:00'],
    ['2026-01-01', '2026-01-01'],
    ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z'],
    ['80', 80],
    ['"80"', '80'],
    ['-1', -1],
    ['0x10', 16],
    ['1.5', 1.5],
    ['1e3', 1000],
    ['1.2.3', '1.2.3'],
    ['10.0.0.1', '10.0.0.1'],
    ['null', null],
    ['~', null],
    ['', null],
    ['"a\\u00e9"', 'aé'],
    ["'it''s'", "it's"],
    ['!!str 80', '80'],
    ['[1, two]', [1, 'two']],
    ['{a: {b: c}}', { a: { b: 'c' } }],
  ])('%s', (text, value) => {
    expect(values(`it: ${text}\n`)).toEqual([{ it: value }]);
  });

  test.each<[what: string, text: string, value: unknown]>([
    ['a block with line ends', 'it: |\n  a\n  b\n', { it: 'a\nb\n' }],
    ['a block without the last line end', 'it: |-\n  a\n\n', { it: 'a' }],
    ['a folded block', 'it: >\n  a\n  b\n', { it: 'a b\n' }],
    ['an alias', 'a: &x { b: 1 }\nc: *x\n', { a: { b: 1 }, c: { b: 1 } }],
    [
      'a merge key, with the fields beside it taking precedence',
      'a: &x { b: 1, c: 1 }\nd: { <<: *x, c: 2 }\n',
      { a: { b: 1, c: 1 }, d: { b: 1, c: 2 } },
    ],
    [
      'several merge keys',
      'a: &x { b: 1 }\nc: &y { d: 1 }\ne: { <<: [*x, *y] }\n',
      { a: { b: 1 }, c: { d: 1 }, e: { b: 1, d: 1 } },
    ],
    ['a number as a key', '80: a\n', { 80: 'a' }],
    ['__proto__ as an ordinary key', '__proto__: { polluted: true }\n', JSON.parse('{"__proto__":{"polluted":true}}')],
  ])('%s', (_what, text, value) => {
    expect(values(text)).toEqual([value]);
    expect({}).not.toHaveProperty('polluted');
  });

  test('a text of several documents', () => {
    expect(values('a: 1\n---\nb: 2\n...\n---\nc: 3\n')).toEqual([{ a: 1 }, { b: 2 }, { c: 3 }]);
  });
});

describe('invalid text has at least one error, with a position', () => {
  test.each<[what: string, text: string, line: number, why: RegExp]>([
    ['a duplicate key', 'a: 1\nb: 2\na: 3\n', 3, /duplicate|unique/i],
    ['a bracket that is not closed', 'a: 1\nb: [1, 2\n', 3, /./],
    ['a tab for indentation', 'a:\n\tb: 1\n', 2, /./],
    ['an alias to nothing', 'a: 1\nb: *x\n', 2, /x/],
    ['a mapping in a line', 'a: b: c\n', 1, /./],
    ['an aliases bomb', bomb(6), 1, /aliases.*expand to more than/],
    ['an alias that contains itself', 'a: &x [*x]\n', 1, /./],
    ['a merge of something that is not a mapping', 'a: 1\nb: { <<: 5 }\n', 2, /merge/i],
    ['a quote that is not closed', 'a: "x\n', 2, /./],
  ])('%s', (_what, text, line, why) => {
    const { documents, errors } = readYaml(text);
    expect(documents).toEqual([]);
    expect(errors[0]).toMatchObject({ line, col: expect.any(Number), why: expect.stringMatching(why) });
    expect(errors[0]?.why).not.toContain('\n');
  });
});

/** Nine copies of nine copies of ... */
function bomb(depth: number): string {
  const level = (name: string, inner: string) => `${name}: &${name} [${Array(9).fill(inner).join(', ')}]\n`;
  let text = level('a0', 'x');
  for (let i = 1; i < depth; i += 1) text += level(`a${i}`, `*a${i - 1}`);
  return text;
}

test('accepts aliases as real manifests use them', () => {
  const pods = Array.from({ length: 500 }, (_, i) => `p${i}: *labels\n`).join('');
  expect(Object.keys(values(`labels: &labels { app: web, tier: front }\n${pods}`)[0] ?? {})).toHaveLength(501);
});

describe('a field is found', () => {
  const TEXT = `# a comment
kind: Service
metadata:
  labels:
    app.io/name: web
    "quoted": x
spec:
  ports:
  - name: http
    port: 80
  - { name: admin, port: 90 }
  empty:
other: [1, [2, 3]]
`;
  test.each<[field: string, line: number, col: number]>([
    ['', 2, 1],
    ['kind', 2, 1],
    ['metadata', 3, 1],
    ['metadata.labels', 4, 3],
    ['metadata.labels[app.io/name]', 5, 5],
    ['metadata.labels[quoted]', 6, 6],
    ['spec.ports', 8, 3],
    ['spec.ports[0]', 9, 5],
    ['spec.ports[0].port', 10, 5],
    ['spec.ports[1].port', 11, 20],
    ['spec.empty', 12, 3],
    ['other[1]', 13, 12],
    ['other[1][1]', 13, 16],
  ])('%s', (field, line, col) => {
    const at = readYaml(TEXT).documents[0]?.locate(field);
    // For a quoted key, the position of the quote or of the first letter.
    expect({ ...at, col: Math.abs((at?.col ?? 0) - col) <= 1 ? col : at?.col }).toEqual({ line, col });
  });

  test.each<[what: string, field: string, line: number]>([
    ['a field that is missing', 'spec.type', 7],
    ['a field of a field that is missing', 'metadata.annotations[a]', 3],
    ['an item that is missing', 'spec.ports[7]', 8],
    ['a field of an item', 'spec.ports[0].targetPort', 9],
    ['a field of a plain value', 'kind.x', 2],
    ['a field of nothing', 'spec.empty.x', 12],
    ['a field at the top', 'status', 2],
  ])('at the nearest of its parents: %s', (_what, field, line) => {
    expect(readYaml(TEXT).documents[0]?.locate(field).line).toBe(line);
  });

  test('in its own document', () => {
    const [, second] = readYaml('a: 1\n---\nb:\n  c: 2\n').documents;
    expect(second?.locate('b.c')).toEqual({ line: 4, col: 3 });
    expect(second?.locate('').line).toBe(3);
  });

  test('in JSON', () => {
    const [document] = readYaml('{\n  "a": [\n    {"b": 1}\n  ]\n}\n').documents;
    expect(document?.locate('a[0].b').line).toBe(3);
  });
});

test('reads any JSON as JSON.parse does', () => {
  fc.assert(
    fc.property(fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.array(fc.jsonValue())), value => {
      const text = JSON.stringify(value);
      expect(values(text)).toEqual([JSON.parse(text)]);
    }),
  );
});

describe('no text makes the reader throw', () => {
  const YAMLISH = [
    'a',
    ': ',
    '\n',
    '  ',
    '- ',
    '[',
    ']',
    '{',
    '}',
    ',',
    '"',
    "'",
    '&x ',
    '*x',
    '|',
    '>',
    '---\n',
    '#',
    '!',
    '!!set ',
    '<<: ',
    '? ',
    '...\n',
    '\t',
    '%YAML 1.1\n',
    '\u0000',
    '\uFEFF',
    '@',
    '`',
    '0',
    '\r',
    '!<x> ',
  ];
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.array(fc.constantFrom(...YAMLISH), { maxLength: 40 }).map(parts => parts.join('')),
  );
  test('for any text, and every field has a position', () => {
    fc.assert(
      fc.property(text, input => {
        const { documents, errors } = readYaml(input);
        for (const { line, col } of [...errors, ...documents.flatMap(d => [d.locate(''), d.locate('a.b[0].c')])]) {
          expect(line).toBeGreaterThanOrEqual(1);
          expect(col).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(input.split('\n').length + 1);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ['lists in lists', '['.repeat(20_000)],
    ['lists in lists, closed', '['.repeat(20_000) + ']'.repeat(20_000)],
    ['mappings in mappings', '{a: '.repeat(20_000)],
    ['blocks in blocks', '- '.repeat(20_000)],
  ])('%s, deeper than any stack', (_what, input) => {
    const { documents, errors } = readYaml(input);
    expect(documents.length + errors.length).toBeGreaterThan(0);
  });
});

test.each([
  ['0644', 420],
  ['0o644', 420],
  ['420', 420],
  ['0', 0],
  ['00', 0],
  ['-010', -8],
  ['0899', 899],
  ['"0644"', '0644'],
])('B2: reads the number %s as Kubernetes does', (text, expected) => {
  expect(readYaml(`mode: ${text}`).documents[0]?.value).toEqual({ mode: expected });
});
