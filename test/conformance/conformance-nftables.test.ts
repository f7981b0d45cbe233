/** Every scenario with real packets against the nftables plane. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { Lab } from '../../testing/lab/lab.ts';
import { labMissing } from '../../testing/lab/tools.ts';
import { OwnPlane } from './runners/own-plane.ts';
import { runScenarios } from './runners/packets.ts';
import { testVerdicts, type Verdicts, writeVerdicts } from './runners/verdict.ts';
import { SCENARIOS } from './scenarios/index.ts';

const plane = resolve(import.meta.dirname, '../../src/planes/nftables/index.ts');
const missing = labMissing() ?? (existsSync(plane) ? undefined : 'the nftables plane is missing');
let verdicts: Verdicts = new Map();

describe.skipIf(missing !== undefined)(missing === undefined ? 'nftables' : `nftables (skipped: ${missing})`, () => {
  beforeAll(async () => {
    await using lab = await Lab.create();
    verdicts = await runScenarios(lab, 'nftables', new OwnPlane(lab, 'nftables'), SCENARIOS, { nodeServes: true });
  }, 300_000);
  afterAll(() => writeVerdicts('nftables', SCENARIOS, verdicts));

  testVerdicts('nftables', SCENARIOS, () => verdicts);
});
