import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { planMounts } from './mount-plan.ts';

let machine = '';
let volumes = '';
beforeEach(() => {
  machine = realpathSync(mkdtempSync(join(tmpdir(), 'switchboard-machine-')));
  volumes = realpathSync(mkdtempSync(join(tmpdir(), 'switchboard-volumes-')));
  mkdirSync(join(machine, 'etc/app'), { recursive: true });
  symlinkSync(join(machine, 'etc'), join(machine, 'link'));
  for (const name of ['a', 'b']) mkdirSync(join(volumes, name));
  writeFileSync(join(volumes, 'file'), '');
});
afterEach(() => {
  for (const folder of [machine, volumes]) rmSync(folder, { recursive: true, force: true });
});

function plan(...mounts: [from: string, to: string, extensible?: boolean][]) {
  const all = mounts.map(([from, to, extensible = true]) => {
    return { from: join(volumes, from), to: join(machine, to), readOnly: true, extensible };
  });
  const { mounts: made, missing } = planMounts(all);
  return {
    to: made.map(({ to }) => to.slice(machine.length + 1)),
    missing: [...missing].map(([folder, paths]) => [folder.slice(machine.length + 1), paths]),
  };
}

test('mounts at what exists, and follows links', () => {
  expect(plan(['a', 'link/app'])).toEqual({ to: ['etc/app'], missing: [] });
});

test('names what a folder lacks, as folders and files', () => {
  expect(plan(['a', 'etc/new/x'], ['file', 'etc/f'], ['b', 'link/other'])).toEqual({
    to: ['etc/f', 'etc/other', 'etc/new/x'],
    missing: [
      [
        'etc',
        [
          { path: 'f', kind: 'file' },
          { path: 'other', kind: 'folder' },
          { path: 'new/x', kind: 'folder' },
        ],
      ],
    ],
  });
});

test('a mount below another one comes after it, and gets its place in that volume', () => {
  expect(plan(['file', 'data/conf/f'], ['b', 'data/conf'], ['a', 'data'])).toEqual({
    to: ['data', 'data/conf', 'data/conf/f'],
    missing: [['', [{ path: 'data', kind: 'folder' }]]],
  });
  expect(existsSync(join(volumes, 'a/conf'))).toBe(true);
  expect(existsSync(join(volumes, 'b/f'))).toBe(true);
});

test('B8: nothing is made in a folder of the machine that is mounted', () => {
  expect(() => plan(['a', 'data', false], ['b', 'data/conf'])).toThrow(/has no "conf".*create it in/);
  expect(existsSync(join(volumes, 'a/conf'))).toBe(false);
});
