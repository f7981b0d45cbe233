import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { systemTree } from '../../../test/support/tree.ts';
import { markOf, stillRuns } from '../../system/index.ts';
import type { BlockOwner } from './block.ts';
import { readHosts, removeBlocks, writeBlock } from './hosts-file.ts';

const BASE = '127.0.0.1 localhost\n10.0.0.1 printer';
const LINES = [{ address: '127.1.2.3', names: ['web.shop'] }];
const MANIFESTS: BlockOwner = { kind: 'manifests' };
const hostsTree = () => systemTree({ 'etc/hosts': BASE });

/** The mark of a process that has just ended. */
async function ended(): Promise<BlockOwner> {
  const child = spawn('cat');
  const mark = await markOf(child.pid ?? 0);
  child.kill('SIGKILL');
  await once(child, 'exit');
  return { kind: 'process', mark };
}

test('install, repeated install and uninstall restore the same bytes and leave no other file', async () => {
  await using tree = await hostsTree();
  const path = join(tree.root, 'etc/hosts');
  expect(await writeBlock(path, MANIFESTS, LINES)).toBe(true);
  expect(await readFile(path, 'utf8')).toContain('\n127.1.2.3 web.shop\n');
  expect(await writeBlock(path, MANIFESTS, LINES)).toBe(false);
  expect(await removeBlocks(path, 'all')).toBe(true);
  expect(await removeBlocks(path, 'all')).toBe(false);
  expect(await tree.contents()).toEqual({ 'etc/': '', 'etc/hosts': BASE });
});

test('keeps mode and owner', async () => {
  await using tree = await hostsTree();
  const path = join(tree.root, 'etc/hosts');
  await chmod(path, 0o640);
  const owner = process.getuid?.() === 0 ? 12_345 : (process.getuid?.() ?? 0);
  await chown(path, owner, process.getgid?.() ?? 0);
  await writeBlock(path, MANIFESTS, LINES);
  const { mode, uid } = await stat(path);
  expect([mode & 0o7777, uid]).toEqual([0o640, owner]);
});

test('follows a link and keeps it', async () => {
  await using tree = await systemTree({ 'etc/': '', 'static/hosts': BASE });
  const path = join(tree.root, 'etc/hosts');
  await symlink('../static/hosts', path);
  await writeBlock(path, MANIFESTS, LINES);
  expect(Object.keys(await tree.contents())).toEqual(['etc/', 'etc/hosts', 'static/', 'static/hosts']);
  expect((await tree.contents())['static/hosts']).toContain('web.shop');
});

describe('the owner of a block', () => {
  test('replaces the block of a process that has ended', async () => {
    await using tree = await hostsTree();
    const path = join(tree.root, 'etc/hosts');
    await writeBlock(path, await ended(), LINES);
    expect((await readHosts(path)).blocks).toMatchObject([{ stale: true }]);
    await writeBlock(path, MANIFESTS, LINES);
    expect((await readHosts(path)).blocks).toMatchObject([{ stale: false, owner: MANIFESTS }]);
  });

  test('refuses to replace the block of a process that runs', async () => {
    await using tree = await hostsTree();
    const path = join(tree.root, 'etc/hosts');
    const own: BlockOwner = { kind: 'process', mark: await markOf(process.pid) };
    await writeBlock(path, own, LINES);
    expect(await removeBlocks(path, 'stale')).toBe(false);
    await expect(writeBlock(path, MANIFESTS, LINES)).rejects.toThrow(/has a block for process \d+/);
    expect(await removeBlocks(path, 'all')).toBe(true);
    expect(await readFile(path, 'utf8')).toBe(BASE);
  });

  test('does not confuse a process with a later one of the same pid', async () => {
    const mark = await markOf(process.pid);
    expect(await stillRuns(mark)).toBe(true);
    expect(await stillRuns({ ...mark, started: '1@00000000' })).toBe(process.platform !== 'linux');
  });
});

test('concurrent edits do not undo each other', async () => {
  await using tree = await hostsTree();
  const path = join(tree.root, 'etc/hosts');
  const own: BlockOwner = { kind: 'process', mark: await markOf(process.pid) };
  const times = Array.from({ length: 12 }, (_, index) => index);
  await Promise.all(times.map(n => writeBlock(path, own, [{ address: `127.0.0.${n}`, names: ['web.shop'] }])));
  expect((await readHosts(path)).blocks).toHaveLength(1);
  await removeBlocks(path, 'all');
  expect(await tree.contents()).toEqual({ 'etc/': '', 'etc/hosts': BASE });
});

describe('after a crash', () => {
  test('removes the lock and files that the crash left', async () => {
    const gone = await ended();
    const { pid, started } = gone.kind === 'process' ? gone.mark : { pid: 0, started: '' };
    await using tree = await systemTree({
      'etc/hosts': BASE,
      'etc/.hosts.switchboard-lock': `${pid} ${started} abc\n`,
      'etc/.hosts.switchboard-0123456789ab': 'half of',
      'etc/.hosts.switchboard-lock-0123456789ab': `${pid} ${started} def\n`,
    });
    const path = join(tree.root, 'etc/hosts');
    await writeBlock(path, MANIFESTS, LINES);
    await removeBlocks(path, 'all');
    expect(await tree.contents()).toEqual({ 'etc/': '', 'etc/hosts': BASE });
  });

  test('a kill at any moment leaves the old or the new file, and does not block the next edit', async () => {
    await using tree = await hostsTree();
    const path = join(tree.root, 'etc/hosts');
    const module = join(import.meta.dirname, 'hosts-file.ts');
    const script = `
      const { writeBlock, removeBlocks } = await import(${JSON.stringify(module)});
      for (let n = 0; ; n++) {
        console.log(n);
        await writeBlock(${JSON.stringify(path)}, { kind: 'manifests' }, [{ address: '127.0.0.1', names: ['n' + n] }]);
        if (n % 3 === 0) await removeBlocks(${JSON.stringify(path)}, 'all');
      }`;
    for (let round = 0; round < 6; round++) {
      const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      // Killed as soon as it is at work, each time a bit later.
      child.stdout.on('data', (text: Buffer) => {
        if (Number(text.toString().trim().split('\n').at(-1)) >= round * 2) child.kill('SIGKILL');
      });
      await once(child, 'exit');
      const text = await readFile(path, 'utf8');
      expect(text.startsWith(BASE)).toBe(true);
      await removeBlocks(path, 'all');
      expect(await tree.contents()).toEqual({ 'etc/': '', 'etc/hosts': BASE });
    }
  });

  test('restores a file whose write in place was interrupted', async () => {
    await using tree = await systemTree({ 'etc/hosts': '127.0.0.1 loc', 'etc/.hosts.switchboard-kept': BASE });
    const path = join(tree.root, 'etc/hosts');
    await removeBlocks(path, 'all');
    expect(await tree.contents()).toEqual({ 'etc/': '', 'etc/hosts': BASE });
  });
});

test('reports an incomplete block and does not change the file', async () => {
  await using tree = await systemTree({ 'etc/hosts': `${BASE}\n# switchboard: begin manifests\n1.2.3.4 web\n` });
  const path = join(tree.root, 'etc/hosts');
  const before = await readFile(path, 'utf8');
  await expect(writeBlock(path, MANIFESTS, LINES)).rejects.toMatchObject({ code: 'SWB_SETUP_CONFLICT' });
  await expect(removeBlocks(path, 'all')).rejects.toMatchObject({ code: 'SWB_SETUP_CONFLICT' });
  expect(await readFile(path, 'utf8')).toBe(before);
});

test('treats a missing file as empty, and reports one that cannot be written', async () => {
  await using tree = await systemTree({ 'etc/': '', 'etc/hosts/no-file': '' });
  expect((await readHosts(join(tree.root, 'etc/none'))).blocks).toEqual([]);
  await expect(writeBlock(join(tree.root, 'etc/hosts'), MANIFESTS, LINES)).rejects.toMatchObject({
    code: 'SWB_SETUP_FAILED',
  });
  await writeFile(join(tree.root, 'etc/new'), '');
  await writeBlock(join(tree.root, 'etc/new'), MANIFESTS, LINES);
});
