/**
 * The rules of the house: which part may use which, what errors are called, how long a file may be. A rule that
 * nothing can break is no rule, so each check is seen to fail, too.
 */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { IMPORT_TABLE } from '../../scripts/import-table.ts';
import { ERROR_CODES } from '../../src/errors.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** Texts that are linted all at once, as if they stood at their paths; the key is the path. */
class Linted {
  readonly #texts = new Map<string, string>();
  #said = '';
  #folder = '';

  /** @returns the path that it was given, of its own */
  add(folder: string, text: string): string {
    const path = `${folder}/case-${this.#texts.size}.ts`;
    this.#texts.set(path, text);
    return path;
  }

  /** Two files that import each other's types. @returns the path of one of them */
  addCircle(folder: string): string {
    const number = this.#texts.size;
    const text = (other: number) => `import type { It } from './case-${other}.ts';\n\nexport type { It };\n`;
    this.add(folder, text(number + 1));
    return this.add(folder, text(number));
  }

  async run(): Promise<void> {
    this.#folder = await mkdtemp(join(tmpdir(), 'switchboard-house-'));
    for (const name of ['biome.json', '.gitignore']) await cp(join(ROOT, name), join(this.#folder, name));
    for (const [path, text] of this.#texts) {
      await mkdir(dirname(join(this.#folder, path)), { recursive: true });
      await writeFile(join(this.#folder, path), text);
    }
    const args = ['lint', '--reporter=github', '--max-diagnostics=none', '.'];
    this.#said = await new Promise(done => {
      execFile(join(ROOT, 'node_modules/.bin/biome'), args, { cwd: this.#folder }, (_error, stdout) => done(stdout));
    });
  }

  /** What the linter says of a text: `lint/style/noDefaultExport: why`. */
  said(path: string): string[] {
    const lines = this.#said.split('\n').filter(line => line.includes(`/${path},`));
    return lines.map(line => line.replace(/^::\w+ title=([^,]+),.*?::/, '$1: '));
  }

  close(): Promise<void> {
    return rm(this.#folder, { recursive: true, force: true });
  }
}

const linted = new Linted();
beforeAll(() => linted.run());
afterAll(() => linted.close());

async function sources(under = 'src'): Promise<string[]> {
  const entries = await readdir(join(ROOT, under), { recursive: true, withFileTypes: true });
  return entries
    .filter(entry => entry.isFile() && entry.name.endsWith('.ts'))
    .map(entry => join(entry.parentPath, entry.name))
    .sort();
}

describe('imports point one way', () => {
  const OUTSIDE = [
    'node:net',
    'node:fs',
    'node:fs/promises',
    'node:process',
    'pino',
    'picocolors',
    'commander',
    '@commander-js/extra-typings',
  ];
  const folders = Object.entries(IMPORT_TABLE);
  const FORBIDDEN = folders.map(([folder, { may, pure, not = [] }]) => {
    const others = [...folders.map(([name]) => name), 'cli'].filter(name => name !== folder && !may.includes(name));
    const paths = [...others.map(name => `../${name}/index.ts`), ...not.map(path => `../${path}`)];
    return [folder, [...(pure ? OUTSIDE : []), ...paths]] as const;
  });
  const using = (from: string) => `import { it } from '${from}';\n\nconsole.log(it);\n`;
  const forbidden = FORBIDDEN.flatMap(([folder, imports]) =>
    imports.map(from => [folder, from, linted.add(`src/${folder}`, using(from))] as const),
  );
  test.each(forbidden)('%s uses no %s', (_folder, _from, path) => {
    expect(linted.said(path)).toEqual([expect.stringMatching(/noRestrictedImports: .*See scripts\/import-table\.ts$/)]);
  });

  test.each([
    ['in a folder below', linted.add('src/routing/inner', using('../../planes/userspace/index.ts'))],
    [
      'as a type',
      linted.add('src/world', "import type { Route } from '../routing/index.ts';\n\nexport type It = Route;\n"),
    ],
    ['handed on', linted.add('src/kube', "export { it } from '../world/index.ts';\n")],
    ['when it is needed', linted.add('src/endpoints', "export const it = await import('node:fs');\n")],
  ])('however it is imported: %s', (_how, path) => {
    expect(linted.said(path)).toEqual([expect.stringContaining('noRestrictedImports')]);
  });

  test('the table has every folder of src but the command line, and no circle', async () => {
    const entries = await readdir(join(ROOT, 'src'), { withFileTypes: true });
    const there = entries.filter(entry => entry.isDirectory()).map(entry => entry.name);
    expect([...Object.keys(IMPORT_TABLE), 'cli'].sort()).toEqual(there.sort());
    const names = folders.map(([name]) => name);
    for (const [folder, { may }] of folders) {
      for (const name of may) expect(names.indexOf(name), `${folder} -> ${name}`).toBeLessThan(names.indexOf(folder));
    }
  });

  test('files that import each other are found, types included', async () => {
    expect(linted.said(circle)).toEqual([expect.stringContaining('noImportCycles')]);
  });
  const circle = linted.addCircle('src/cli');

  test('commands take their flags from typed options, never from commander itself, whose flags have any type', () => {
    expect(linted.said(untyped)).toEqual([expect.stringMatching(/noRestrictedImports: .*infers them/)]);
  });
  const untyped = linted.add('src/cli/commands/new', using('commander'));

  test('however it is imported: by its short name', () => {
    expect(linted.said(byShortName)).toEqual([expect.stringContaining('useNodejsImportProtocol')]);
  });
  const byShortName = linted.add('src/kube', "import net from 'net';\n\nconsole.log(net);\n");

  const allowed: (readonly [folder: string, from: string])[] = [
    ...folders.flatMap(([folder, { may }]) => may.map(name => [folder, `../${name}/it.ts`] as const)),
    ['lint', '../explain/words/index.ts'],
    ['diff', '../explain/words/index.ts'],
    ['planes', 'node:net'],
    ['sources', 'node:fs'],
    ['cli', '../up/index.ts'],
    ['cli', '@commander-js/extra-typings'],
  ];
  test.each(allowed.map(([folder, from]) => [folder, from, linted.add(`src/${folder}`, using(from))]))(
    '%s may use %s',
    (_folder, _from, path) => {
      expect(linted.said(path)).toEqual([]);
    },
  );
});

describe('every error code', () => {
  const codes = Object.keys(ERROR_CODES).sort();

  test('has its place in docs/errors.md, and nothing else has', async () => {
    const page = await readFile(join(ROOT, 'docs/errors.md'), 'utf8');
    expect([...page.matchAll(/^## (SWB_\w+)/gm)].map(match => match[1]).sort()).toEqual(codes);
  });

  test('is used by something', async () => {
    const files = (await sources()).filter(file => !file.endsWith('.test.ts') && !file.endsWith('src/errors.ts'));
    const text = (await Promise.all(files.map(file => readFile(file, 'utf8')))).join('\n');
    expect(codes.filter(code => !new RegExp(`\\b${code}\\b`).test(text))).toEqual([]);
  });

  test('is of the table', async () => {
    const text = (await Promise.all((await sources()).map(file => readFile(file, 'utf8')))).join('\n');
    expect([...new Set(text.match(/\bSWB_[A-Z_]+[A-Z]\b/g))].sort()).toEqual(codes);
  });
});

describe('the code', () => {
  test('is in files of at most 300 lines', async () => {
    const long: string[] = [];
    for (const file of [...(await sources()), ...(await sources('test'))]) {
      const lines = (await readFile(file, 'utf8')).split('\n').length - 1;
      if (lines > 300) long.push(`${file.slice(ROOT.length + 1)}: ${lines}`);
    }
    expect(long).toEqual([]);
  });

  test.each([
    ['any', 'noExplicitAny', linted.add('src/cli', 'export const it: any = 1;\n')],
    ['a default export', 'noDefaultExport', linted.add('src/cli', 'export default 1;\n')],
    [
      'a ! in place of a check',
      'noNonNullAssertion',
      linted.add('src/cli', 'export const it = (a: string[]) => a[0]!.length;\n'),
    ],
    ['something that is not used', 'noUnusedImports', linted.add('src/cli', "import { a } from './a.ts';\n")],
  ])('may not have %s', (_what, rule, path) => {
    expect(linted.said(path)).toEqual([expect.stringContaining(rule)]);
  });

  test('writes to the terminal in one place, which escapes control characters', async () => {
    // main.ts has loaded no module yet; `run` starts processes of its own; the gateway's log is read by `up`.
    const allowed =
      /src\/(cli\/(terminal|main)|run\/(command|prepare-namespaces)|gateway\/container\/main)\.ts$|\.test\.ts$/;
    const files = (await sources()).filter(file => !allowed.test(file));
    const found: string[] = [];
    for (const file of files) {
      const text = (await readFile(file, 'utf8')).replaceAll(/^ \* .*$/gm, '');
      if (/\bstd(out|err)\.write\(|\bconsole\./.test(text)) found.push(file.slice(ROOT.length + 1));
    }
    expect(found).toEqual([]);
  });

  test('has no way around its rules', async () => {
    const around = /biome-ignore|@ts-(ignore|expect-error|nocheck)/;
    const files = [...(await sources()), ...(await sources('test'))].filter(file => !file.endsWith('house.test.ts'));
    const found: string[] = [];
    for (const file of files) if (around.test(await readFile(file, 'utf8'))) found.push(file.slice(ROOT.length + 1));
    expect(found).toEqual([]);
  });
});

test('package-lock.json names no host', async () => {
  const text = await readFile(join(ROOT, 'package-lock.json'), 'utf8');
  expect(text).not.toMatch(/"resolved": "http/);
});
