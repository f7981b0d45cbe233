/** Every scenario with real packets against kube-proxy itself; where kube-proxy differs, the scenario says why. */
import { afterAll, beforeAll, describe } from 'vitest';
import { controlPlaneMissing } from '../../testing/control-plane/index.ts';
import { Lab } from '../../testing/lab/lab.ts';
import { labMissing } from '../../testing/lab/tools.ts';
import { KubeProxy } from './runners/kube-proxy.ts';
import { runScenarios } from './runners/packets.ts';
import { testVerdicts, type Verdicts, writeVerdicts } from './runners/verdict.ts';
import { SCENARIOS } from './scenarios/index.ts';

const missing = labMissing() ?? controlPlaneMissing();
let verdicts: Verdicts = new Map();

describe.skipIf(missing !== undefined)(
  missing === undefined ? 'kube-proxy' : `kube-proxy (skipped: ${missing})`,
  () => {
    beforeAll(async () => {
      await using lab = await Lab.create();
      await using proxy = await KubeProxy.create(lab);
      verdicts = await runScenarios(lab, 'kubeProxy', proxy, SCENARIOS, { nodeServes: true });
    }, 300_000);
    afterAll(() => writeVerdicts('kubeProxy', SCENARIOS, verdicts));

    testVerdicts('kubeProxy', SCENARIOS, () => verdicts);
  },
);
