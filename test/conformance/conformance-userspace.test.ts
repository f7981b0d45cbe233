/** The scenarios against the userspace plane, which serves those addresses of Services that belong to the machine. */
import { afterAll, beforeAll, describe } from 'vitest';
import { Lab } from '../../testing/lab/lab.ts';
import { labMissing } from '../../testing/lab/tools.ts';
import { OwnPlane } from './runners/own-plane.ts';
import { runScenarios } from './runners/packets.ts';
import { testVerdicts, type Verdicts, writeVerdicts } from './runners/verdict.ts';
import { SCENARIOS } from './scenarios/index.ts';

const missing = labMissing();
let verdicts: Verdicts = new Map();

describe.skipIf(missing !== undefined)(missing === undefined ? 'userspace' : `userspace (skipped: ${missing})`, () => {
  beforeAll(async () => {
    await using lab = await Lab.create();
    // The dialled addresses must be assigned to the machine. By design, endpoints see the node as the source.
    await lab.own(frontendAddresses());
    const options = { nodeServes: false, ignoreSource: true };
    verdicts = await runScenarios(lab, 'userspace', new OwnPlane(lab, 'userspace'), SCENARIOS, options);
  }, 300_000);
  afterAll(() => writeVerdicts('userspace', SCENARIOS, verdicts));

  testVerdicts('userspace', SCENARIOS, () => verdicts);
});

function frontendAddresses(): string[] {
  const services = SCENARIOS.flatMap(scenario => scenario.steps.flatMap(step => step.set ?? []));
  const texts = JSON.stringify(services.map(({ spec, status }) => [spec?.clusterIPs, spec?.externalIPs, status]));
  return [...new Set(texts.match(/10\.96\.\d+\.\d+|198\.18\.\d+\.\d+|fd00:(?:96|113)::[0-9a-f]+/g) ?? [])];
}
