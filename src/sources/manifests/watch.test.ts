import { mkdir, rename, rm, stat, symlink, unlink, utimes, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { service, Watched } from '../../../test/support/watched.ts';

const NAMES = (events: readonly string[]) => events.filter(event => event.startsWith('-'));

describe('an edit', () => {
  test('reports only what has changed', async () => {
    await using it = await Watched.in({ 'a.yaml': service('a') + service('b'), 'c.yaml': service('c') });
    await it.start();
    await it.write('a.yaml', service('a') + service('b', 81));
    await it.receives(['b:81']);
    expect(it.events()).toEqual(['b:81']);
  });

  test.each<[what: string, edit: (it: Watched) => Promise<void>, expected: string[]]>([
    ['that adds an object', it => it.write('a.yaml', service('a') + service('new')), ['new:80']],
    ['that removes an object', it => it.write('a.yaml', '# nothing\n'), ['-a']],
    ['that renames an object', it => it.write('a.yaml', service('other')), ['-a', 'other:80']],
    ['that adds a file', it => it.write('new.yaml', service('new')), ['new:80']],
    ['that removes a file', it => unlink(it.path('a.yaml')), ['-a']],
    ['that replaces a file', it => it.replace('a.yaml', service('a', 81)), ['a:81']],
    ['that makes a file something else', it => rename(it.path('a.yaml'), it.path('a.txt')), ['-a']],
    ['that makes something else a file', it => rename(it.path('note.txt'), it.path('n.yaml')), ['note:80']],
    ['that empties a file for good', it => it.write('a.yaml', ''), ['-a']],
  ])('%s', async (_what, edit, expected) => {
    await using it = await Watched.in({ 'a.yaml': service('a'), 'b.yaml': service('b'), 'note.txt': service('note') });
    await it.start();
    await edit(it);
    await it.receives(expected);
    expect(it.events()).toEqual(expected);
  });

  test('that only moves lines reports nothing, and updates the positions', async () => {
    await using it = await Watched.in({ 'a.yaml': `---\n${service('a')}` });
    await it.start();
    await it.write('a.yaml', `# one\n# two\n---\n${service('a')}${service('b')}`);
    await it.receives(['b:80']);
    expect(it.events()).toEqual(['b:80']);
    expect(it.source.whereIs('Service', 'default', 'a')).toBe(`${it.path('a.yaml')}:4:1`);
  });

  test('by renaming, as editors do, is reported each time', async () => {
    await using it = await Watched.in({ 'a.yaml': service('a') });
    await it.start(['a.yaml']);
    for (const port of [81, 82, 83]) {
      await it.replace('a.yaml', service('a', port));
      await it.receives([`a:${port}`]);
    }
  });

  test('that keeps the size and mtime of the file is reported', async () => {
    await using it = await Watched.in({ 'a.yaml': service('a', 80) });
    const { atime, mtime } = await stat(it.path('a.yaml'));
    await utimes(it.path('a.yaml'), atime, mtime);
    await it.start();
    await it.write('a.yaml', service('a', 81));
    await utimes(it.path('a.yaml'), atime, mtime);
    await it.receives(['a:81']);
  });

  test('in a subfolder is reported with -R', async () => {
    await using it = await Watched.in({ 'a.yaml': service('a') });
    await it.start([''], { recursive: true });
    await it.write('inner/deep/b.yaml', service('b'));
    await it.receives(['b:80']);
    await it.write('inner/deep/b.yaml', service('b', 81));
    await it.receives(['b:81']);
    await rm(it.path('inner'), { recursive: true });
    await it.receives(['-b']);
  });
});

describe('an invalid edit', () => {
  test.each([
    ['not YAML', 'kind: ['],
    ['a value that the API rejects', service('a', 0)],
    ['too large', `${service('a', 81)}# ${'x'.repeat(100_000)}`],
  ])('%s: the last valid content stays in use, and other files are still updated', async (_what, text) => {
    await using it = await Watched.in({ 'a.yaml': service('a'), 'b.yaml': service('b') });
    await it.start();
    await it.write('a.yaml', text);
    await it.reports(/^fault .*a\.yaml/);
    await it.write('b.yaml', service('b', 81));
    await it.receives(['b:81']);
    expect(it.events()).toEqual(['b:81']);
    await it.write('a.yaml', service('a', 82));
    await it.receives(['a:82']);
  });

  test('is reported once, not on each scan', async () => {
    await using it = await Watched.in({ 'a.yaml': service('a'), 'b.yaml': service('b') });
    await it.start();
    await it.write('a.yaml', 'kind: [');
    await it.reports(/^fault/);
    await it.write('b.yaml', service('b', 81));
    await it.receives(['b:81']);
    expect(it.notices()).toHaveLength(1);
  });

  test('in one document holds back the whole file', async () => {
    await using it = await Watched.in({ 'a.yaml': service('a') + service('b') });
    await it.start();
    await it.write('a.yaml', service('a', 81) + service('b', 0));
    await it.reports(/^fault/);
    expect(it.events()).toEqual([]);
  });

  test('of a new file: its objects appear when it is fixed', async () => {
    await using it = await Watched.in({ 'a.yaml': service('a') });
    await it.start();
    await it.write('b.yaml', 'kind: [');
    await it.reports(/^fault .*b\.yaml/);
    await it.write('b.yaml', service('b'));
    await it.receives(['b:80']);
  });
});

describe('a file that cannot be read', () => {
  test.skipIf(process.platform !== 'linux')('keeps its last valid content', async () => {
    await using it = await Watched.in({ 'a.yaml': service('a') });
    await it.start();
    // Even root cannot read this file.
    await symlink('/proc/self/mem', it.path('.link'));
    await rename(it.path('.link'), it.path('a.yaml'));
    await it.reports(/^fault .*a\.yaml.*its last valid content stays in use/);
    expect(it.events()).toEqual([]);
    await it.replace('a.yaml', service('a', 81));
    await it.receives(['a:81']);
  });
});

describe('missing for a moment', () => {
  /** Makes the source scan once, and waits for the result. */
  async function look(it: Watched, port: number): Promise<void> {
    await it.write('other.yaml', service('other', port));
    await it.receives([`other:${port}`]);
  }

  test.each<[what: string, away: (it: Watched) => Promise<void>, back: (it: Watched) => Promise<void>]>([
    ['an empty file', it => it.write('a.yaml', ''), it => it.write('a.yaml', service('a', 81))],
    ['a file', it => unlink(it.path('a.yaml')), it => it.write('a.yaml', service('a', 81))],
  ])('%s keeps its objects', async (_what, away, back) => {
    await using it = await Watched.in({ 'a.yaml': service('a'), 'other.yaml': service('other') });
    await it.start();
    await away(it);
    await look(it, 81);
    await back(it);
    await it.receives(['a:81']);
    expect(NAMES(it.events())).toEqual([]);
  });

  test('a folder keeps its objects without a warning, also repeatedly', async () => {
    await using it = await Watched.in({ 'k8s/a.yaml': service('a'), 'other.yaml': service('other') });
    await it.start(['k8s', 'other.yaml']);
    for (let round = 1; round <= 12; round += 2) {
      await rename(it.path('k8s'), it.path('away'));
      await look(it, round);
      await rename(it.path('away'), it.path('k8s'));
      await look(it, round + 1);
    }
    expect({ gone: NAMES(it.events()), notices: it.notices() }).toEqual({ gone: [], notices: [] });
  });
});

describe('missing for longer', () => {
  test('a file loses its objects, with a warning if the user named it, and gets them back', async () => {
    await using it = await Watched.in({ 'a.yaml': service('a') });
    await it.start(['a.yaml']);
    await unlink(it.path('a.yaml'));
    await it.receives(['-a']);
    expect(it.notices()).toEqual([
      expect.stringMatching(/^warning .*a\.yaml.*no such file or folder.*until it is back/),
    ]);
    await it.write('a.yaml', service('a'));
    await it.receives(['a:80']);
  });

  test('a folder loses its objects and gets them back, also repeatedly', async () => {
    await using it = await Watched.in({ 'k8s/a.yaml': service('a') });
    await it.start(['k8s']);
    for (let round = 0; round < 2; round += 1) {
      const from = it.updates.length;
      await rm(it.path('k8s'), { recursive: true });
      await it.receives(['-a'], from);
      await it.reports(/^warning .*k8s.*no such file or folder/, from);
      await mkdir(it.path('k8s'));
      await it.write('k8s/a.yaml', service('a'));
      await it.receives(['a:80'], from);
    }
  });
});

describe('links', () => {
  test('a Kubernetes volume: all files change in one update when ..data is swapped', async () => {
    await using it = await Watched.in({ '..1/a.yaml': service('a'), '..1/b.yaml': service('b') });
    await symlink('..1', it.path('..data'));
    for (const name of ['a.yaml', 'b.yaml']) await symlink(`..data/${name}`, it.path(name));
    await it.start();
    for (const version of [2, 3]) {
      const from = it.updates.length;
      await it.write(`..${version}/a.yaml`, service('a', version));
      await it.write(`..${version}/b.yaml`, service('b', version));
      await symlink(`..${version}`, it.path('..new'));
      await rename(it.path('..new'), it.path('..data'));
      await rm(it.path(`..${version - 1}`), { recursive: true });
      await it.receives([`a:${version}`, `b:${version}`], from);
      expect(it.updates.slice(from)).toHaveLength(1);
    }
  });

  test('a linked folder: swapping the link and editing the new folder are reported', async () => {
    await using it = await Watched.in({ 'one/a.yaml': service('a'), 'two/a.yaml': service('a', 81) });
    await symlink('one', it.path('current'));
    await it.start(['current']);
    await symlink('two', it.path('next'));
    await rename(it.path('next'), it.path('current'));
    await it.receives(['a:81']);
    await it.write('two/a.yaml', service('a', 82));
    await it.receives(['a:82']);
  });

  test('a linked file: an edit of its target is reported', async () => {
    await using it = await Watched.in({ 'real/a.yaml': service('a') });
    await symlink('real/a.yaml', it.path('a.yaml'));
    await it.start(['a.yaml']);
    await writeFile(it.path('real/a.yaml'), service('a', 81));
    await it.receives(['a:81']);
  });
});

describe('an object with two definitions', () => {
  test('falls back to the other definition when the later file is removed', async () => {
    await using it = await Watched.in({ 'a.yaml': service('web', 1), 'b.yaml': service('web', 2) });
    await it.start();
    await unlink(it.path('b.yaml'));
    await it.receives(['web:1']);
    expect(it.events()).toEqual(['web:1']);
  });

  test('warns again when the later one is edited', async () => {
    await using it = await Watched.in({ 'a.yaml': service('web', 1), 'b.yaml': service('web', 2) });
    await it.start();
    await it.write('b.yaml', service('web', 3));
    await it.reports(/is already defined at .*a\.yaml/);
    expect(it.events()).toEqual(['web:3']);
  });
});

test('reports nothing after close, whatever is edited before it', async () => {
  await using it = await Watched.in({ 'a.yaml': service('a') });
  await it.start();
  await it.write('a.yaml', service('a', 81));
  await it.source.close();
  const updates = it.updates.length;
  await it.write('a.yaml', service('a', 82));
  await it.source.close();
  expect(it.updates).toHaveLength(updates);
});
