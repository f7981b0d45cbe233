import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemTree } from '../../test/support/tree.ts';
import { carryOut } from './carry-out.ts';
import { planScript, planText, type Step } from './plan.ts';

test('restores every file and reloads the program when a program fails', async () => {
  await using tree = await systemTree({ 'a.conf': 'old\n', 'gone.conf': 'keep\n', told: '' });
  const told = join(tree.root, 'told');
  const steps: Step[] = [
    { kind: 'write', path: join(tree.root, 'a.conf'), text: 'new\n' },
    { kind: 'write', path: join(tree.root, 'made/deep/b.conf'), text: 'new\n' },
    { kind: 'remove', path: join(tree.root, 'gone.conf'), folderToo: false },
    { kind: 'run', command: ['sh', '-c', `cat ${join(tree.root, 'a.conf')} >> ${told}; echo it says no >&2; exit 3`] },
  ];
  await expect(carryOut({ steps, notes: [] })).rejects.toThrow(/exited with code 3: it says no; nothing was changed/);
  expect(await readFile(told, 'utf8')).toBe('new\nold\n');
  expect(await tree.contents()).toEqual({ 'a.conf': 'old\n', 'gone.conf': 'keep\n', told: 'new\nold\n' });
});

test('warns of a failed step that may fail, and carries out the others', async () => {
  await using tree = await systemTree({ 'old.conf': 'old\n' });
  const steps: Step[] = [
    { kind: 'run', command: ['no-such-program'], mayFail: true },
    { kind: 'remove', path: join(tree.root, 'old.conf'), folderToo: false },
  ];
  expect(await carryOut({ steps, notes: [] })).toEqual([expect.stringContaining('cannot run "no-such-program"')]);
  expect(await tree.contents()).toEqual({});
});

test('reports a missing program', async () => {
  await expect(carryOut({ steps: [{ kind: 'run', command: ['no-such-program'] }], notes: [] })).rejects.toMatchObject({
    code: 'SWB_SETUP_FAILED',
  });
});

test("runs no program for another system's tree", async () => {
  await using tree = await systemTree({});
  await carryOut({ steps: [{ kind: 'run', command: ['false'] }], notes: [] }, tree.root);
});

test('prints a plan for people and for a shell', () => {
  const steps: Step[] = [
    { kind: 'write', path: '/etc/x y/a.conf', text: 'one\ntwo\n' },
    { kind: 'remove', path: '/etc/old.conf', folderToo: true },
    { kind: 'run', command: ['tell', "it's", 'now'] },
  ];
  expect(planText({ steps, notes: [] })).toBe(
    "write /etc/x y/a.conf\n    one\n    two\nremove /etc/old.conf\nrun tell 'it'\\''s' now\n",
  );
  expect(planScript({ steps, notes: [] })).toBe(
    "mkdir -p '/etc/x y'\ncat > '/etc/x y/a.conf' <<'SWITCHBOARD'\none\ntwo\nSWITCHBOARD\nrm -f /etc/old.conf\nrmdir /etc 2>/dev/null || true\ntell 'it'\\''s' now\n",
  );
});
