import { spawnSync } from 'node:child_process';
import { chmod, link, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { libc } from '../system/libc.ts';
import { xattr, xattrNames } from '../system/xattr.ts';
import { replaceFile } from './write-file.ts';

const NOBODY = 65_534;
/** Root may set it on kernels without SELinux, too; nobody else may. */
const LABEL = 'security.selinux';
const VALUE = Buffer.from('system_u:object_r:net_conf_t:s0\0');

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'switchboard-write-'));
  path = join(folder, 'hosts');
  await writeFile(path, 'old');
});
afterEach(() => rm(folder, { recursive: true }));

test('keeps mode and owner, and leaves no other file', async () => {
  await chmod(path, 0o640);
  const before = await stat(path);
  await replaceFile(path, Buffer.from('new'));
  const after = await stat(path);
  expect([await readFile(path, 'utf8'), after.mode, after.uid, after.ino === before.ino]).toEqual([
    'new',
    before.mode,
    before.uid,
    false,
  ]);
  expect(await readdir(folder)).toEqual(['hosts']);
});

test('updates other hard links of the file, too', async () => {
  await link(path, join(folder, 'other'));
  await replaceFile(path, Buffer.from('new'));
  expect(await readFile(join(folder, 'other'), 'utf8')).toBe('new');
  expect((await readdir(folder)).sort()).toEqual(['hosts', 'other']);
});

describe.runIf(process.platform === 'linux' && process.getuid?.() === 0)('an SELinux label', () => {
  beforeEach(() => {
    expect(libc().setxattr(path, LABEL, VALUE, VALUE.length, 0)).toBe(0);
  });

  test('is kept', async () => {
    await replaceFile(path, Buffer.from('new'));
    expect(xattr(path, LABEL)).toEqual(VALUE);
    expect([await readFile(path, 'utf8'), xattrNames(path)]).toEqual(['new', expect.arrayContaining([LABEL])]);
  });

  test('is kept by writing in place, as is the owner, if the process may not set them', async () => {
    await chmod(folder, 0o777);
    await chmod(path, 0o666);
    const { ino } = await stat(path);
    const module = new URL('./write-file.ts', import.meta.url).href;
    const code = `import { replaceFile } from '${module}'; await replaceFile('${path}', Buffer.from('new and longer'));`;
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
      uid: NOBODY,
      gid: NOBODY,
      encoding: 'utf8',
    });
    expect([child.status, child.stderr]).toEqual([0, '']);
    expect(await readFile(path, 'utf8')).toBe('new and longer');
    const after = await stat(path);
    expect([after.ino, after.uid, xattr(path, LABEL)]).toEqual([ino, 0, VALUE]);
    expect(await readdir(folder)).toEqual(['hosts']);
  });
});
