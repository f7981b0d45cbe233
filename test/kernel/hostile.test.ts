import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { labMissing } from '../../testing/lab/tools.ts';
import { withNamespace } from './namespace.ts';

const run = promisify(execFile);
const RUNS = Number(process.env.SWITCHBOARD_PROPERTY_RUNS ?? '40');

const missing = labMissing();

describe.skipIf(missing !== undefined)('nftables plane: hostile names and values', () => {
  it('never reach the kernel as syntax: the table is correct, and another table is untouched', async () => {
    await withNamespace(async namespace => {
      const script = `${import.meta.dirname}/hostile.ts`;
      const { stdout } = await run('ip', ['netns', 'exec', namespace, process.execPath, script, String(RUNS)]);
      expect(stdout).toBe(`${3 * RUNS} cases: some taken, some refused\n`);
    });
  }, 120_000);
});
