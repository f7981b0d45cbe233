import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { splitDocuments } from './chunks.ts';
import { type Manifest, parseManifest } from './parse.ts';

const OPTIONS = { primaryFamily: 'IPv4', defaultNamespace: 'default' } as const;

const lines = (text: string) => splitDocuments(text).map(chunk => chunk.lineOffset);
const texts = (text: string) => splitDocuments(text).map(chunk => chunk.text);

describe('a manifest is cut', () => {
  test.each<[what: string, text: string, chunks: string[], offsets: number[]]>([
    ['nowhere without a marker', 'a: 1\nb: 2\n', ['a: 1\nb: 2\n'], [0]],
    ['before each marker', 'a: 1\n---\nb: 2\n---\nc: 3\n', ['a: 1\n', '---\nb: 2\n', '---\nc: 3\n'], [0, 1, 3]],
    ['with Windows line ends', 'a: 1\r\n---\r\nb: 2\r\n', ['a: 1\r\n', '---\r\nb: 2\r\n'], [0, 1]],
    ['before a marker with a comment', 'a: 1\n--- # b\nb: 2', ['a: 1\n', '--- # b\nb: 2'], [0, 1]],
    ['before a marker with a document', 'a: 1\n--- {b: 2}\n', ['a: 1\n', '--- {b: 2}\n'], [0, 1]],
    ['before a marker with blanks', 'a: 1\n---\t \nb: 2', ['a: 1\n', '---\t \nb: 2'], [0, 1]],
    ['before a marker at the very end', 'a: 1\n---', ['a: 1\n', '---'], [0, 1]],
    ['not at a longer line', 'a: 1\n----\n', ['a: 1\n----\n'], [0]],
    ['not at text that starts with a marker', '---a: 1\n', ['---a: 1\n'], [0]],
    ['not within a block scalar', 'a: |\n  x\n  ---\n  y\n', ['a: |\n  x\n  ---\n  y\n'], [0]],
    ['not in the middle of a line', 'a: x --- y\n', ['a: x --- y\n'], [0]],
    ['not at what only some programs take for a line end', 'a: "x\u2028--- y"\n', ['a: "x\u2028--- y"\n'], [0]],
    ['not within a certificate', 'a: |\n  -----BEGIN\n  x\n', ['a: |\n  -----BEGIN\n  x\n'], [0]],
    ['and blank documents are dropped', '\n\n---\na: 1\n', ['---\na: 1\n'], [2]],
    ['and comments before the first document are kept', '# x\n---\na: 1\n', ['# x\n', '---\na: 1\n'], [0, 1]],
  ])('%s', (_what, text, chunks, offsets) => {
    expect({ texts: texts(text), lines: lines(text) }).toEqual({ texts: chunks, lines: offsets });
  });

  test('without loss: the chunks add up to the text', () => {
    const part = fc.constantFrom('---', '---\n', '\n', '\r\n', 'a: 1', '  ---', ' ', '# x\n', '...', '--- ');
    fc.assert(
      fc.property(fc.array(part), parts => {
        const text = parts.join('');
        const blank = (chunk: string) => chunk.trim() !== '';
        expect(texts(text).join('').split(/\s/).filter(blank)).toEqual(text.split(/\s/).filter(blank));
        for (const { text: chunk, lineOffset } of splitDocuments(text)) {
          expect(text.split('\n').slice(lineOffset).join('\n').startsWith(chunk)).toBe(true);
        }
      }),
    );
  });
});

function service(name: string, port: number | string): string {
  return `apiVersion: v1\nkind: Service\nmetadata:\n  name: ${name}\nspec:\n  ports:\n  - port: ${port}\n`;
}

const DOCUMENTS = [
  service('good', 80),
  service('bad', 0),
  service('noted', '80\n    targetport: 1'),
  '# only a comment\n',
  '',
  `kind: List\napiVersion: v1\nitems:\n- ${service('listed', 80).trim().replaceAll('\n', '\n  ')}\n`,
  'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: text }\ndata:\n  a: |\n    x\n    ---\n    y\n',
  `{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "json"}, "spec": {"ports": [{"port": 80}]}}\n`,
  'apiVersion: batch/v1\nkind: Job\nmetadata: { name: job }\n',
  '- a list\n',
  'unreadable: [\n',
];
const MARKERS = ['---\n', '---   \n', '--- # Source: chart/x.yaml\n', '...\n---\n', '---\n# Source: chart/x.yaml\n'];

interface Result {
  readonly objects: unknown[];
  readonly faults: unknown[];
  readonly notes: unknown[];
  readonly jobs: number;
}

/** Everything that parsing a manifest returns, with positions. */
function resultOf(manifest: Manifest, linesBefore = 0): Result {
  const moved = <T extends { readonly line: number }>(place: T): T => ({ ...place, line: place.line + linesBefore });
  return {
    objects: manifest.objects.map(({ object, position }) => ({ object, ...moved(position()) })),
    faults: manifest.faults.map(moved),
    notes: manifest.notes.map(moved),
    jobs: [...manifest.skipped.values()].reduce((sum, count) => sum + count, 0),
  };
}

function together(all: readonly Result[]): Result {
  return {
    objects: all.flatMap(one => one.objects),
    faults: all.flatMap(one => one.faults),
    notes: all.flatMap(one => one.notes),
    jobs: all.reduce((sum, one) => sum + one.jobs, 0),
  };
}

test('several documents parse to the same result and positions as each document alone', () => {
  const document = fc.tuple(fc.constantFrom(...MARKERS), fc.constantFrom(...DOCUMENTS));
  const ends = fc.constantFrom('\n', '\r\n');
  const count = (text: string) => text.split('\n').length - 1;
  fc.assert(
    fc.property(fc.constantFrom('', '\uFEFF', '# first\n'), fc.array(document), ends, (before, parts, end) => {
      const own = parts.map(([marker, body]) => `${marker}${body}`.replaceAll('\n', end));
      const alone = own.map((text, index) =>
        resultOf(parseManifest(text, OPTIONS), count(before) + count(own.slice(0, index).join(''))),
      );
      expect(resultOf(parseManifest(`${before}${own.join('')}`, OPTIONS))).toEqual(together(alone));
    }),
    { numRuns: 200 },
  );
});
