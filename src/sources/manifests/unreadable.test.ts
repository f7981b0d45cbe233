/** Faults of the system while files are read, such as EMFILE when the process has no file descriptors left. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { service, Watched } from '../../../test/support/watched.ts';

/** The code with which the named calls fail; none fails by default. */
const faults = vi.hoisted(() => new Map<'readdir' | 'readFile' | 'stat', string>());

vi.mock('node:fs/promises', async importOriginal => {
  const real = await importOriginal<typeof import('node:fs/promises')>();
  const failing =
    <A extends unknown[], R>(name: 'readdir' | 'readFile' | 'stat', call: (...args: A) => R) =>
    (...args: A) => {
      const code = faults.get(name);
      return code === undefined
        ? call(...args)
        : Promise.reject(Object.assign(new Error(`${code}: ${name}`), { code }));
    };
  return {
    ...real,
    readdir: failing('readdir', real.readdir),
    readFile: failing('readFile', real.readFile),
    stat: failing('stat', real.stat),
  };
});

beforeEach(() => faults.clear());
afterEach(() => faults.clear());

test.each([
  ['readdir', 'EMFILE'],
  ['readdir', 'ENFILE'],
  ['readdir', 'EACCES'],
  ['stat', 'EIO'],
] as const)('a folder keeps its objects while %s fails with %s, with one warning each time', async (call, code) => {
  await using it = await Watched.in({ 'k8s/a.yaml': service('a'), 'k8s/b.yaml': service('b') });
  await it.start(['k8s']);
  for (const port of [81, 83]) {
    const from = it.updates.length;
    faults.set(call, code);
    await it.write('k8s/a.yaml', service('a', port));
    await it.reports(/^warning .*k8s.*its objects stay in use; Switchboard retries/, from);
    await it.write('k8s/a.yaml', service('a', port + 1));
    faults.clear();
    await it.receives([`a:${port + 1}`], from);
    expect(it.events(from)).toEqual([`a:${port + 1}`]);
    expect(it.notices(from)).toHaveLength(1);
  }
});

test('an edit that could not be read is read when the fault has passed, though the file stays the same', async () => {
  await using it = await Watched.in({ 'a.yaml': service('a'), 'b.yaml': service('b') });
  await it.start(['a.yaml', 'b.yaml']);
  faults.set('readFile', 'EMFILE');
  await it.write('a.yaml', service('a', 81));
  await it.reports(/^fault .*a\.yaml.*EMFILE.*its last valid content stays in use/);
  faults.clear();
  // Makes the source scan.
  await it.write('b.yaml', service('b', 81));
  await it.receives(['a:81', 'b:81']);
  expect(it.notices()).toHaveLength(1);
});
