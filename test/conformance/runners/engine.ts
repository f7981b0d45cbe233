/** The pure engine: answers the same dials from the routes, without packets. */

import { type Cidr, familyOf, hostPort, parseCidr } from '../../../src/net/index.ts';
import { PacketTracer, RouteTable, type TracedNode, type TraceResult } from '../../../src/routing/index.ts';
import { World } from '../../../src/world/index.ts';
import { STANDARD_LAB } from '../../../testing/lab/spec.ts';
import { CLUSTER, PROFILES, type Profile, type Scenario, type ScenarioDial } from '../scenarios/index.ts';
import { addressOf } from '../scenarios/words.ts';
import { eventsOf } from './events.ts';

const [NODE] = STANDARD_LAB.nodes;

/** What differs from the scenario. */
export function askEngine(scenario: Scenario): string[] {
  const profile: Profile = PROFILES[scenario.profile];
  const world = new World();
  const table = new RouteTable(world.store, { name: NODE?.name ?? '', zone: profile.zone });
  const problems: string[] = [];
  for (const [index, step] of scenario.steps.entries()) {
    table.update(world.apply(eventsOf(scenario, step)));
    const tracer = new PacketTracer(table.routes(), nodeOf(profile));
    for (const dial of step.dials) {
      if (dial.established === true) continue;
      const from = dial.source ?? addressOf(dial.from, familyOf(dial.to));
      const result = tracer.trace({ from, to: dial.to, port: dial.port, protocol: dial.protocol });
      const [got, wanted] = [said(result), expected(dial)];
      if (got !== wanted) {
        const what = `${dial.from} (${from}) -> ${hostPort(dial.to, dial.port)}/${dial.protocol}`;
        problems.push(`step ${index + 1}: ${what}: ${got}, not ${wanted}`);
      }
    }
  }
  return problems;
}

export function nodeOf(profile: Profile): TracedNode {
  return {
    addresses: NODE?.addresses ?? [],
    nodePortAddresses: profile.nodePortAddresses === 'primary' ? [] : cidrs(profile.nodePortAddresses),
    clusterCidrs: cidrs(podRanges(profile)),
    masqueradeAll: profile.masqueradeAll,
    serviceCidrs: cidrs(CLUSTER.serviceCIDRs),
  };
}

/** The CIDRs that identify pods; empty if pods are not identified by CIDR. */
export function podRanges(profile: Profile): readonly string[] {
  if (profile.detector === 'clusterCIDR') return CLUSTER.clusterCIDRs;
  return profile.detector === 'nodeCIDR' ? (NODE?.podCIDRs ?? []) : [];
}

export function cidrs(texts: readonly string[]): Cidr[] {
  return texts.flatMap(text => parseCidr(text) ?? []);
}

const SOURCES = new Map<TraceResult['masquerade'], string>([
  [true, 'node'],
  [false, 'kept'],
  ['hairpin', 'hairpin'],
]);

function said(result: TraceResult): string {
  if (result.outcome !== 'endpoints') return result.outcome;
  return `${result.endpoints.join(' ')}, source ${SOURCES.get(result.masquerade)}`;
}

function expected(dial: ScenarioDial): string {
  if (typeof dial.expect === 'string') return dial.expect;
  const places = dial.expect.endpoints.map(one => {
    const [host = '', port] = one.split(':');
    return hostPort(addressOf(host, familyOf(dial.to)), Number(port));
  });
  return `${places.sort().join(' ')}, source ${dial.expect.source}`;
}
