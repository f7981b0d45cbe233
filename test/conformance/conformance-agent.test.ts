/** Every scenario with real packets against `switchboard node`, configured like kube-proxy, with a real API server. */
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { controlPlaneMissing } from '../../testing/control-plane/index.ts';
import { Lab } from '../../testing/lab/lab.ts';
import { labMissing } from '../../testing/lab/tools.ts';
import { KubeProxy } from './runners/kube-proxy.ts';
import { runScenarios } from './runners/packets.ts';
import { testVerdicts, type Verdicts, writeVerdicts } from './runners/verdict.ts';
import { SCENARIOS } from './scenarios/index.ts';

const MAIN = resolve(import.meta.dirname, '../../src/cli/main.ts');
const missing = labMissing() ?? controlPlaneMissing();
let verdicts: Verdicts = new Map();

describe.skipIf(missing !== undefined)(
  missing === undefined ? 'the node agent' : `the node agent (skipped: ${missing})`,
  () => {
    beforeAll(async () => {
      await using lab = await Lab.create();
      await using proxy = await KubeProxy.of(lab, [process.execPath, MAIN, 'node']);
      verdicts = await runScenarios(lab, 'agent', proxy, SCENARIOS, { nodeServes: true });
    }, 300_000);
    afterAll(() => writeVerdicts('agent', SCENARIOS, verdicts));

    testVerdicts('agent', SCENARIOS, () => verdicts);
  },
);
