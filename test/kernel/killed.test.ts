/** A plane that is killed in the middle of its work leaves a table that translates packets correctly. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { labMissing } from '../../testing/lab/tools.ts';
import { withNamespace } from './namespace.ts';
import { PlaneChild } from './plane-child.ts';

const KILLS = Number(process.env.SWITCHBOARD_KILLS ?? '12');
const SEED = Number(process.env.SWITCHBOARD_SEED ?? '6');
const OPTIONS = { nodeAddresses: ['192.0.2.1', 'fd00:c0::1'], watchMs: 0 } as const;
const LONGEST_BURST_US = 150_000;
/** Every fourth plane is killed before it has reached its first state. */
const EARLY = 4;

const missing = labMissing();

describe.skipIf(missing !== undefined)('nftables plane: killed', () => {
  it('leaves the state before or after its last batch, and a restart converges and cleans up', async () => {
    await withNamespace(async namespace => {
      await using looking = await PlaneChild.start(namespace, OPTIONS);
      const moments = fc.sample(fc.integer({ min: 0, max: LONGEST_BURST_US }), { numRuns: KILLS, seed: SEED });
      let state = -1;
      const seen = { batches: 0, before: 0, after: 0, leftChains: 0 };
      let next = PlaneChild.start(namespace, OPTIONS);
      for (const [round, moment] of moments.entries()) {
        await using child = await next;
        const early = round % EARLY === EARLY - 1;
        if (!early) {
          state = Math.max(state, 0);
          await converges(child, looking, state);
          await child.ask({ order: 'prepare', after: state, steps: 30 });
        }
        const order = early
          ? ({ order: 'reach', state: state + 1 } as const)
          : ({ order: 'burst', after: state } as const);
        const working = child.ask(order).catch(() => undefined);
        // The moment of the kill is deliberately random.
        await new Promise(resolve => setTimeout(resolve, moment / 1_000));
        await child.kill();
        await working;
        next = PlaneChild.start(namespace, OPTIONS);
        const applied = Math.max(child.lastApplied, state);
        const candidates = [applied, applied + 1];
        const found = await looking.ask({ order: 'whichState', candidates });
        expect(candidates, `round ${round} of seed ${SEED}`).toContain(found);
        seen.batches += applied - state;
        seen[found === applied ? 'before' : 'after']++;
        state = Number(found);
        if (state >= 0) seen.leftChains += Number(String(await looking.ask({ order: 'editsLeft', state })) !== '');
      }
      await using last = await next;
      await converges(last, looking, Math.max(state, 0));
      process.stdout.write(`${KILLS} kills over ${seen.batches} batches: ${JSON.stringify(seen)}\n`);
      // The test would show nothing if no batch were under way at any kill.
      expect(seen.batches).toBeGreaterThan(0);
    });
  }, 120_000);
});

/** A plane that starts on this table repairs it; the next one finds nothing to edit, chains included. */
async function converges(child: PlaneChild, looking: PlaneChild, state: number): Promise<void> {
  await child.ask({ order: 'reach', state });
  expect(await child.verify()).toEqual([]);
  expect(await looking.ask({ order: 'editsLeft', state })).toEqual([]);
}
