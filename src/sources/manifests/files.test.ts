import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findFiles, readManifestFile, readStream } from './files.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'switchboard-files-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function write(...names: string[]): Promise<void> {
  for (const name of names) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), name);
  }
}

async function found(path = folder, recursive = false): Promise<string[]> {
  return (await findFiles(path, recursive)).map(file => file.path.slice(folder.length + 1));
}

describe('the manifests of a folder', () => {
  test('are its .yaml, .yml and .json files, by name', async () => {
    await write('b.yml', 'c.json', 'a.yaml', 'B.YAML', 'notes.txt', 'd.yaml.bak', 'a.yaml~');
    expect(await found()).toEqual(['B.YAML', 'a.yaml', 'b.yml', 'c.json']);
  });

  test('are sorted by name, not by time of creation', async () => {
    const names = ['10.yaml', '2.yaml', 'a-b.yaml', 'a.yaml', 'ä.yaml'];
    await write(...[...names].reverse());
    const first = await found();
    expect(first).toEqual([...names].sort());
    expect(await found()).toEqual(first);
  });

  test('include those of subfolders with `recursive`', async () => {
    await write('b.yaml', 'a/z.yaml', 'c/deep/er.yaml');
    expect(await found()).toEqual(['b.yaml']);
    expect(await found(folder, true)).toEqual(['a/z.yaml', 'b.yaml', 'c/deep/er.yaml']);
  });

  test('exclude hidden files, and folders named like manifests', async () => {
    await write('.hidden.yaml', '.git/config.yaml', 'folder.yaml/inner.txt');
    expect(await found(folder, true)).toEqual([]);
  });

  test('may be links; a broken link is skipped', async () => {
    await write('real/a.txt');
    await symlink('real/a.txt', join(folder, 'a.yaml'));
    await symlink('nowhere', join(folder, 'b.yaml'));
    expect(await found()).toEqual(['a.yaml']);
  });
});

describe('a path', () => {
  test('to a file is that file, whatever its name', async () => {
    await write('manifest.txt');
    expect(await found(join(folder, 'manifest.txt'))).toEqual(['manifest.txt']);
  });

  test('to a link to a folder is that folder', async () => {
    await write('real/a.yaml');
    await symlink('real', join(folder, 'link'));
    expect(await found(join(folder, 'link'))).toEqual(['link/a.yaml']);
  });

  test('that does not exist is an error', async () => {
    await expect(found(join(folder, 'x.yaml'))).rejects.toMatchObject({
      code: 'SWB_INPUT_NOT_FOUND',
      message: expect.stringMatching(/x\.yaml: there is no such file or folder$/),
    });
  });

  test('that is a link to itself is an error', async () => {
    await symlink('loop', join(folder, 'loop'));
    await expect(found(join(folder, 'loop'))).rejects.toMatchObject({ code: 'SWB_INPUT_NOT_FOUND' });
  });
});

describe('a text that is too large', () => {
  test('in a file is rejected unread', async () => {
    await write('big.yaml');
    const [file] = await findFiles(folder, false);
    if (file === undefined) throw new Error('no file');
    await expect(readManifestFile(file, file.bytes - 1)).rejects.toMatchObject({
      code: 'SWB_INPUT_TOO_LARGE',
      message: expect.stringContaining('--max-input-mib'),
    });
    expect(await readManifestFile(file, file.bytes)).toBe('big.yaml');
  });

  test('in a stream is rejected at the limit', async () => {
    let chunks = 0;
    async function* endless(): AsyncGenerator<Buffer> {
      for (;;) {
        chunks += 1;
        yield Buffer.alloc(10);
      }
    }
    await expect(readStream(endless(), 25)).rejects.toMatchObject({ code: 'SWB_INPUT_TOO_LARGE' });
    expect(chunks).toBe(3);
  });

  test('is not one that is exactly as large as allowed, even if its chunks split a UTF-8 sequence', async () => {
    const bytes = Buffer.from('grün');
    const parts = [...bytes].map(byte => Buffer.from([byte]));
    expect(await readStream(Readable.from(parts), bytes.length)).toBe('grün');
  });
});
