import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { labMissing } from '../../testing/lab/tools.ts';
import { withNamespace } from './namespace.ts';

const run = promisify(execFile);
const missing = labMissing();

describe.skipIf(missing !== undefined)('nftables plane: a fault at the n-th call to the kernel', () => {
  it('fails all changes or none, keeps the kernel and the plane in agreement, and a retry completes the apply', async () => {
    await withNamespace(async namespace => {
      const script = `${import.meta.dirname}/faults.ts`;
      const { stdout } = await run('ip', ['netns', 'exec', namespace, process.execPath, script]);
      expect(stdout).toBe('every fault\n');
    });
  }, 240_000);
});
