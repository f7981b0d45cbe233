import { expect, test, vi } from 'vitest';
import { PodNamespace } from './pod-namespace.ts';
import { runProgram } from './programs.ts';

test('returns what a program reports that fails', async () => {
  await expect(runProgram(['sh', '-c', 'cat >&2; exit 3'], 'no such device\n')).rejects.toThrow(
    'sh ended with code 3: no such device',
  );
});

test.each([
  ['a program of the router', () => runProgram(['ip', '-batch', '-'], ''), /"ip" is missing; it is part of iproute2/],
  ['the holder of a pod', () => PodNamespace.open('web', '10.244.0.1', 'pod1'), /"unshare" is missing; .* util-linux/],
])('names the package of %s that is not there', async (_what, run, why) => {
  vi.stubEnv('PATH', '/nowhere');
  try {
    await expect(run()).rejects.toThrow(why);
  } finally {
    vi.unstubAllEnvs();
  }
});
