/**
 * Runs the scenarios with real packets against the proxy that programs the node under test.
 *
 * @module
 */
import type { Lab } from '../../../testing/lab/lab.ts';
import { type PlaneName, PROFILES, type ProfileName, type Scenario, type Step } from '../scenarios/index.ts';
import { Judge, type JudgeOptions } from './judge.ts';
import type { Verdicts } from './verdict.ts';

const SCENARIOS_AT_ONCE = 12;

export interface StepOf {
  readonly scenario: Scenario;
  readonly step: Step;
}

/** What runs on the node under test. */
export interface NodeProxy {
  start(profile: ProfileName): Promise<void>;
  /** Resolves when the node has the objects of the steps. */
  apply(steps: readonly StepOf[]): Promise<void>;
  /** Restores the node. */
  stop(): Promise<void>;
}

/**
 * Scenarios of one profile run together, step by step, each in its namespace and with its own addresses. Scenarios that
 * the plane answers differently run alone, since an error in one of them might stop the others.
 */
export async function runScenarios(
  lab: Lab,
  plane: PlaneName,
  proxy: NodeProxy,
  scenarios: readonly Scenario[],
  options: JudgeOptions,
): Promise<Verdicts> {
  await serve(lab, scenarios, options);
  const verdicts = new Map<string, readonly string[]>();
  for (const profile of profileNames()) {
    const ofProfile = scenarios.filter(scenario => scenario.profile === profile);
    const usual = ofProfile.filter(scenario => scenario.except[plane] === undefined);
    const others = ofProfile.filter(scenario => scenario.except[plane] !== undefined).map(scenario => [scenario]);
    for (const group of [usual, ...others]) {
      if (group.length === 0) continue;
      await proxy.start(profile);
      try {
        for (const judge of await runGroup(lab, proxy, group, options)) verdicts.set(judge.scenario.id, judge.problems);
      } finally {
        await proxy.stop();
      }
    }
  }
  return verdicts;
}

async function runGroup(
  lab: Lab,
  proxy: NodeProxy,
  group: readonly Scenario[],
  options: JudgeOptions,
): Promise<Judge[]> {
  const judges = group.map(scenario => new Judge(lab, scenario, options));
  const most = Math.max(...group.map(scenario => scenario.steps.length));
  for (let index = 0; index < most; index++) {
    const having = judges.filter(judge => index < judge.scenario.steps.length);
    const steps = having.flatMap(({ scenario }) => {
      const step = scenario.steps[index];
      return step === undefined ? [] : [{ scenario, step }];
    });
    await proxy.apply(steps);
    const turns = having.values();
    const worker = async (): Promise<void> => {
      for (const judge of turns) await judge.step(index);
    };
    await Promise.all(Array.from({ length: SCENARIOS_AT_ONCE }, worker));
  }
  await Promise.all(lab.hosts.map(host => host.forgetFlows()));
  return judges;
}

/** Endpoints serve the ports in the scenarios' slices; the world and the node serve the ports that are left alone. */
async function serve(lab: Lab, scenarios: readonly Scenario[], options: JudgeOptions): Promise<void> {
  const dials = scenarios.flatMap(scenario => scenario.steps.flatMap(step => step.dials));
  const alone = new Set(dials.filter(dial => dial.expect === 'none').map(dial => dial.port));
  alone.delete(8080);
  const pods = lab.spec.nodes.flatMap(node => Object.keys(node.pods));
  await Promise.all([
    ...pods.map(pod => lab.host(pod).serve({ tcp: [8080, 9090, 8443], udp: [5353] })),
    lab.host('world').serveEverywhere([...alone]),
    lab.node.serveEverywhere([8080, ...(options.nodeServes ? alone : [])]),
  ]);
}

function profileNames(): ProfileName[] {
  return Object.keys(PROFILES).filter((name): name is ProfileName => Object.hasOwn(PROFILES, name));
}
