/** Every scenario against the pure engine: RouteTable and PacketTracer. */
import { afterAll } from 'vitest';
import { askEngine } from './runners/engine.ts';
import { testVerdicts, writeVerdicts } from './runners/verdict.ts';
import { SCENARIOS } from './scenarios/index.ts';

const verdicts = new Map(SCENARIOS.map(scenario => [scenario.id, askEngine(scenario)]));
testVerdicts('engine', SCENARIOS, () => verdicts);
afterAll(() => writeVerdicts('engine', SCENARIOS, verdicts));
