import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type DocumentCache, parseManifest } from './parse.ts';

const OPTIONS = { primaryFamily: 'IPv4', defaultNamespace: 'shop' } as const;
const parse = (text: string, cache?: DocumentCache) => parseManifest(text, OPTIONS, cache);

function service(name: string, port: number | string = 80, indent = ''): string {
  return `apiVersion: v1\nkind: Service\nmetadata:\n  name: ${name}\nspec:\n  ports:\n  - port: ${port}\n`
    .replace(/^(?=.)/gm, indent)
    .replace(/^ */, '');
}

const names = (text: string) => parse(text).objects.map(({ object }) => object.meta.name);
const places = (text: string) => parse(text).objects.map(({ position }) => `${position().line}:${position().col}`);

describe('objects', () => {
  test.each<[what: string, text: string, names: string[]]>([
    ['of several documents', `${service('a')}---\n${service('b')}`, ['a', 'b']],
    ['behind comments and empty documents', `# x\n---\n---\n# y\n---\n${service('a')}---\n`, ['a']],
    ['behind a byte order mark', `\uFEFF${service('a')}`, ['a']],
    ['with the end of the document marked', `${service('a')}...\n---\n${service('b')}...\n`, ['a', 'b']],
    ['with Windows line ends', `${service('a')}---\n${service('b')}`.replaceAll('\n', '\r\n'), ['a', 'b']],
    ['on the line of the marker', '--- {apiVersion: v1, kind: Namespace, metadata: {name: a}}\n', ['a']],
    [
      'of a List',
      `apiVersion: v1\nkind: List\nitems:\n- ${service('a', 80, '  ')}- ${service('b', 80, '  ')}`,
      ['a', 'b'],
    ],
    [
      'of a List in a List',
      'kind: List\nitems: [{kind: List, items: [{apiVersion: v1, kind: Namespace, metadata: {name: a}}]}]\n',
      ['a'],
    ],
    [
      'of a typed list whose items have no kind',
      'apiVersion: v1\nkind: NamespaceList\nitems: [{metadata: {name: a}}]\n',
      ['a'],
    ],
    ['of an empty List', 'apiVersion: v1\nkind: List\nitems: []\n', []],
    ['of an empty text', '', []],
    ['of a text that is null', 'null\n', []],
  ])('%s', (_what, text, expected) => {
    expect(parse(text).faults).toEqual([]);
    expect(names(text)).toEqual(expected);
  });

  test('get the namespace of the options if they name none', () => {
    expect(parse(service('a')).objects[0]?.object.meta.namespace).toBe('shop');
  });

  test('have their position in the whole text', () => {
    expect(places(`# x\n${service('a')}---\n# y\n\n${service('b')}`)).toEqual(['2:1', '12:1']);
    expect(places(`kind: List\nitems:\n- ${service('a', 80, '  ')}- ${service('b', 80, '  ')}`)).toEqual([
      '3:3',
      '10:3',
    ]);
  });

  test('have their position with Windows line ends, too', () => {
    const text = `# x\n\n${service('a')}---\n# y\n\n${service('b')}`;
    expect(places(text.replaceAll('\n', '\r\n'))).toEqual(places(text));
  });

  test('have the positions of their fields', () => {
    const [, second] = parse(`${service('a')}---\n${service('b')}`).objects;
    expect(second?.position('spec.ports[0].port')).toEqual({ line: 15, col: 5 });
    const [item] = parse(`kind: List\nitems:\n- ${service('a', 80, '  ')}`).objects;
    expect(item?.position('metadata.name')).toEqual({ line: 6, col: 5 });
  });
});

describe('faults', () => {
  test.each<[what: string, text: string, fault: object]>([
    [
      'have the position of the field',
      `${service('a')}---\n${service('b', 0)}`,
      { line: 15, col: 5, object: 'Service shop/b', field: 'spec.ports[0].port' },
    ],
    [
      'have the position within the item of a List',
      `kind: List\nitems:\n- ${service('a', 0, '  ')}`,
      { line: 9, col: 7, object: 'Service shop/a', field: 'spec.ports[0].port' },
    ],
    [
      'name an object without a name',
      'apiVersion: v1\nkind: Service\nspec: {ports: [{port: 80}]}\n',
      { object: 'Service (no name)' },
    ],
    [
      'report a document that is a list',
      `---\n${service('a')}---\n- 1\n`,
      { line: 10, col: 1, why: 'is a list, not an object' },
    ],
    ['report a document that is text', 'hello\n', { why: 'is text, not an object' }],
    ['report an item that is not an object', 'kind: List\nitems:\n- 1\n', { line: 3, field: 'items[0]' }],
    ['report invalid YAML', `${service('a')}---\na: [\n`, { object: '', fix: 'correct the YAML or JSON here' }],
  ])('%s', (_what, text, fault) => {
    const { faults } = parse(text);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatchObject(fault);
  });

  test('of one document leave the others readable', () => {
    const { objects, faults } = parse(`a: [\n---\n${service('a')}---\n${service('b', 0)}`);
    expect({ objects: objects.length, lines: faults.map(fault => fault.line) }).toEqual({ objects: 1, lines: [2, 17] });
  });
});

test('counts skipped kinds by name', () => {
  const job = 'apiVersion: batch/v1\nkind: Job\nmetadata: {name: x}\n';
  expect([
    ...parse(`${job}---\n${job}---\napiVersion: v1\nkind: Secret\nmetadata: {name: x}\n`).skipped.values(),
  ]).toEqual([2, 1]);
});

describe('after an edit, with the same cache', () => {
  test('documents that did not change keep their objects, and others do not', () => {
    const cache: DocumentCache = new Map();
    const text = (port: number) => `---\n${service('a')}---\n${service('b', port)}---\n${service('c')}`;
    const before = parse(text(80), cache).objects;
    const after = parse(text(81), cache).objects;
    expect(after.map(({ object }, i) => object === before[i]?.object)).toEqual([true, false, true]);
  });

  test('objects that moved are the same, with their new position', () => {
    const cache: DocumentCache = new Map();
    const [before] = parse(`---\n${service('a')}`, cache).objects;
    const after = parse(`---\n${service('new')}---\n${service('a')}`, cache).objects[1];
    expect(after?.object).toBe(before?.object);
    expect(after?.position().line).toBe((before?.position().line ?? 0) + 8);
  });

  test('faults and notes that did not change have their new position', () => {
    const cache: DocumentCache = new Map();
    const bad = `---\n${service('a', '0\n    targetport: 1')}`;
    const [before, after] = [parse(bad, cache), parse(`# x\n${bad}`, cache)];
    for (const kind of ['faults', 'notes'] as const) {
      expect(after[kind].map(fault => fault.line)).toEqual(before[kind].map(fault => fault.line + 1));
    }
  });

  test('removed documents leave the cache', () => {
    const cache: DocumentCache = new Map();
    parse(`---\n${service('a')}---\n${service('b')}`, cache);
    parse(`---\n${service('b')}`, cache);
    expect(cache.size).toBe(1);
  });

  test('the result equals that of parsing without a cache', () => {
    const document = fc.constantFrom(service('a'), service('b', 0), service('c', 81), 'a: [\n', '', '# x\n');
    const text = fc.array(document, { maxLength: 5 }).map(parts => parts.map(part => `---\n${part}`).join(''));
    const plain = (manifest: ReturnType<typeof parse>) => ({
      objects: manifest.objects.map(({ object, position }) => ({ object, ...position() })),
      faults: manifest.faults,
      notes: manifest.notes,
    });
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 4 }), versions => {
        const cache: DocumentCache = new Map();
        for (const version of versions) expect(plain(parse(version, cache))).toEqual(plain(parse(version)));
      }),
    );
  });
});

describe('no text makes the parser throw', () => {
  const KEYS = [
    'apiVersion',
    'kind',
    'metadata',
    'name',
    'spec',
    'ports',
    'port',
    'items',
    'selector',
    'template',
    'data',
    '__proto__',
    'constructor',
  ];
  const VALUES = [
    'v1',
    'apps/v1',
    'Service',
    'Pod',
    'List',
    'ServiceList',
    'Deployment',
    'EndpointSlice',
    'a',
    '80',
    '',
    '[]',
    '{}',
    'null',
    'true',
    '.inf',
    '*x',
  ];
  const value: fc.Arbitrary<unknown> = fc.letrec(tie => ({
    any: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom('v1', 'Service', 'Pod', 'List', 'ServiceList', 'Deployment', 'a', '', 80, -1, 1.5, null, true),
      fc.dictionary(fc.constantFrom(...KEYS), tie('any')),
      fc.array(tie('any'), { maxLength: 3 }),
    ),
  })).any;

  test('any value in any field', () => {
    const kind = fc.constantFrom(
      'Service',
      'Pod',
      'Deployment',
      'StatefulSet',
      'EndpointSlice',
      'Endpoints',
      'Node',
      'ConfigMap',
      'List',
    );
    fc.assert(
      fc.property(
        kind,
        fc.dictionary(
          fc.constantFrom('metadata', 'spec', 'status', 'items', 'data', 'endpoints', 'subsets', 'ports'),
          value,
        ),
        (name, fields) => {
          for (const apiVersion of ['v1', 'apps/v1', 'discovery.k8s.io/v1']) {
            expect(() => parse(JSON.stringify({ apiVersion, kind: name, ...fields }))).not.toThrow();
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  test('any lines of keys and values', () => {
    const line = fc
      .tuple(fc.nat({ max: 4 }), fc.boolean(), fc.constantFrom(...KEYS), fc.constantFrom(...VALUES))
      .map(([depth, item, key, text]) => `${'  '.repeat(depth)}${item ? '- ' : ''}${key}: ${text}`);
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), fc.constantFrom('\n', '\r\n', '\n---\n'), (lines, end) => {
        expect(() => parse(lines.join(end))).not.toThrow();
      }),
      { numRuns: 1000 },
    );
  });

  test('any text', () => {
    fc.assert(
      fc.property(fc.string(), text => void parse(text)),
      { numRuns: 1000 },
    );
  });
});
