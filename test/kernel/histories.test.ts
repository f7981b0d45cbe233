import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { labMissing } from '../../testing/lab/tools.ts';
import { withNamespace } from './namespace.ts';

const run = promisify(execFile);
const RUNS = process.env.SWITCHBOARD_PROPERTY_RUNS ?? '20';

const missing = labMissing();
if (missing !== undefined) process.stderr.write(`nftables histories skipped: ${missing}\n`);

describe.skipIf(missing !== undefined)('nftables plane: histories in a real kernel', () => {
  it('give the same table step by step, over restarts and from scratch, and it matches the routes', async () => {
    await withNamespace(async namespace => {
      const script = `${import.meta.dirname}/histories.ts`;
      const { stdout } = await run('ip', ['netns', 'exec', namespace, process.execPath, script, RUNS]);
      expect(stdout).toBe(`${RUNS} histories\n`);
    });
  }, 240_000);
});
