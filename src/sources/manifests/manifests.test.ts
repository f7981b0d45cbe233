import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { OPTIONS, service, short, Watched } from '../../../test/support/watched.ts';
import { noticeText, type SourceUpdate } from '../source.ts';
import { type ManifestOptions, ManifestSource } from './manifests.ts';

const notices = (update: SourceUpdate) => update.notices.map(notice => `${notice.level} ${noticeText(notice)}`);

async function load(
  files: Readonly<Record<string, string>>,
  inputs: readonly string[] = [''],
  options: Partial<ManifestOptions> = {},
): Promise<{ update: SourceUpdate; source: ManifestSource; folder: string }> {
  await using watched = await Watched.in(files);
  // Not `path.join`: paths stay as the user writes them.
  const paths = inputs.map(input => (input === '-' ? input : `${watched.folder}${input === '' ? '' : `/${input}`}`));
  const source = new ManifestSource(paths, { ...OPTIONS, ...options });
  return { update: await source.load(), source, folder: watched.folder };
}

describe('loads', () => {
  test.each<[what: string, files: Record<string, string>, inputs: string[], expected: string[]]>([
    ['a file', { 'a.yaml': service('a') + service('b'), 'c.yaml': service('c') }, ['a.yaml'], ['a:80', 'b:80']],
    ['a folder', { 'b.yaml': service('b'), 'a.yaml': service('a') }, [''], ['a:80', 'b:80']],
    [
      'files in the order in which they are named',
      { 'b.yaml': service('b'), 'a.yaml': service('a') },
      ['b.yaml', 'a.yaml'],
      ['b:80', 'a:80'],
    ],
    ['nothing from an empty file', { 'a.yaml': '' }, [''], []],
    ['nothing from an empty folder', { 'inner/a.txt': '' }, ['inner'], []],
    ['a file once that is named twice', { 'a.yaml': service('a') }, ['a.yaml', 'a.yaml', ''], ['a:80']],
  ])('%s', async (_what, files, inputs, expected) => {
    const { update } = await load(files, inputs);
    expect({ events: short(update.events), notices: update.notices }).toEqual({ events: expected, notices: [] });
  });

  test('standard input', async () => {
    const stdin = Readable.from([service('a').slice(0, 9), service('a').slice(9)]);
    const { update, source } = await load({}, ['-'], { stdin });
    expect(short(update.events)).toEqual(['a:80']);
    expect(source.whereIs('Service', 'default', 'a')).toBe('stdin:1:1');
    expect(source.fileOf('Service', 'default', 'a')).toBeUndefined();
  });

  test('and counts skipped kinds', async () => {
    const job = (name: string) => `apiVersion: batch/v1\nkind: Job\nmetadata: { name: ${name} }\n---\n`;
    const { source } = await load({ 'a.yaml': job('a') + service('s'), 'b.yaml': job('b') + job('c') });
    expect([...source.skipped.values()]).toEqual([3]);
  });

  test('the file and line of each object', async () => {
    const { source, folder } = await load({ 'a.yaml': `# comment\n---\n${service('a')}${service('b')}` });
    expect(source.whereIs('Service', 'default', 'b')).toBe(`${join(folder, 'a.yaml')}:8:1`);
    expect(source.fileOf('Service', 'default', 'b')).toBe(join(folder, 'a.yaml'));
    expect(source.whereIs('Service', 'default', 'x')).toBeUndefined();
  });
});

describe('cannot load', () => {
  test('a file with a fault, which it reports with the position, but loads the other files', async () => {
    const { update, folder } = await load({ 'a.yaml': service('a', 0), 'b.yaml': service('b') });
    expect(short(update.events)).toEqual(['b:80']);
    expect(notices(update)[0]).toMatch(`fault ${join(folder, 'a.yaml')}:4:`);
    expect(notices(update)[0]).toMatch(/Service default\/a {2}spec\.ports\[0\]\.port/);
  });

  test('a path that does not exist', async () => {
    await expect(load({}, ['x.yaml'])).rejects.toMatchObject({ code: 'SWB_INPUT_NOT_FOUND' });
  });

  test('a file that is too large', async () => {
    const options = { maxBytes: 10 };
    await expect(load({ 'a.yaml': service('a') }, [''], options)).rejects.toMatchObject({
      code: 'SWB_INPUT_TOO_LARGE',
    });
  });
});

describe('of two definitions of an object', () => {
  test.each<[what: string, inputs: string[]]>([
    ['the later file wins', ['']],
    ['the later input wins', ['base', 'overlay']],
    ['the later one wins for any spelling of the paths', ['./base/', 'overlay/../overlay']],
    ['the later one wins in folders, too', ['base', './overlay/b.yaml']],
  ])('%s, with a warning', async (_what, inputs) => {
    const { update, folder } = await load(
      { 'base/a.yaml': service('web', 1), 'overlay/b.yaml': service('web', 2) },
      inputs,
      { recursive: true },
    );
    expect(short(update.events)).toEqual(['web:2']);
    const place = `${join(folder, 'base/a.yaml')}:1:1`;
    expect(notices(update)).toEqual([
      expect.stringContaining(`Service default/web  is already defined at ${place}  the later definition wins`),
    ]);
  });

  test('the later input wins even if its name sorts first', async () => {
    const files = { 'a/x.yaml': service('web', 1), 'b/x.yaml': service('web', 2) };
    expect(short((await load(files, ['./b', './a'])).update.events)).toEqual(['web:1']);
    expect(short((await load(files, ['b/', 'a/x.yaml'])).update.events)).toEqual(['web:1']);
  });

  test('the later one wins in one file, too', async () => {
    const { update } = await load({ 'a.yaml': service('web', 1) + service('web', 2) });
    expect(short(update.events)).toEqual(['web:2']);
    expect(update.notices).toHaveLength(1);
  });
});
