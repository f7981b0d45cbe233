import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { labMissing } from '../../testing/lab/tools.ts';
import { withNamespace } from './namespace.ts';

const run = promisify(execFile);
const missing = labMissing();

describe.skipIf(missing !== undefined)('nftables plane: a large table', () => {
  it('lets the event loop turn at every step of verify and observe', async () => {
    await withNamespace(async namespace => {
      const script = `${import.meta.dirname}/turns.ts`;
      const { stdout } = await run('ip', ['netns', 'exec', namespace, process.execPath, script]);
      const { services, verify, observe } = JSON.parse(stdout);
      // verify: the view of the routes, the view of the elements, their comparison for each family, the shared sets
      // with one cluster IP and four hairpins for each Service. Without any one of them, there are over 500 steps fewer.
      expect(verify).toBeGreaterThan(28 * services);
      // observe: the elements, and the routes.
      expect(observe).toBeGreaterThan(4 * services);
    });
  }, 60_000);
});
