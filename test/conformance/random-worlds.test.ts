/**
 * Random worlds with real packets: kube-proxy itself, and `switchboard node` in its place, each compared with the
 * engine. SWITCHBOARD_RANDOM_WORLDS=200 sets their number, SWITCHBOARD_RANDOM_SEED the seed.
 */
import { resolve } from 'node:path';
import { beforeAll, describe } from 'vitest';
import { controlPlaneMissing } from '../../testing/control-plane/index.ts';
import { Lab } from '../../testing/lab/lab.ts';
import { labMissing } from '../../testing/lab/tools.ts';
import { KubeProxy } from './runners/kube-proxy.ts';
import { runScenarios } from './runners/packets.ts';
import { testVerdicts, type Verdicts } from './runners/verdict.ts';
import { randomScenarios } from './scenarios/random.ts';

const MAIN = resolve(import.meta.dirname, '../../src/cli/main.ts');
const COUNT = Number(process.env.SWITCHBOARD_RANDOM_WORLDS ?? 40);
const SEED = Number(process.env.SWITCHBOARD_RANDOM_SEED ?? 1);
const LIMIT_MS = 120_000 + COUNT * 3_000;

const missing = labMissing() ?? controlPlaneMissing();
const scenarios = randomScenarios(SEED, COUNT);

const PROXIES = [
  { plane: 'kubeProxy', of: 'kube-proxy', open: (lab: Lab) => KubeProxy.create(lab) },
  { plane: 'agent', of: 'the node agent', open: (lab: Lab) => KubeProxy.of(lab, [process.execPath, MAIN, 'node']) },
] as const;

describe.each(PROXIES)('random worlds: $of', ({ plane, open }) => {
  describe.skipIf(missing !== undefined)(missing === undefined ? 'as the engine says' : `skipped: ${missing}`, () => {
    let verdicts: Verdicts = new Map();
    beforeAll(async () => {
      await using lab = await Lab.create();
      await using proxy = await open(lab);
      verdicts = await runScenarios(lab, plane, proxy, scenarios, { nodeServes: true });
    }, LIMIT_MS);

    testVerdicts(plane, scenarios, () => verdicts);
  });
});
