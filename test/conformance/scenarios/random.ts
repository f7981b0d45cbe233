/**
 * Random worlds: a Service of any kind with endpoints in any state, then other endpoints. The engine decides what is
 * expected, so each proxy is compared with it, and thereby with all others.
 *
 * @module
 */

import fc from 'fast-check';
import { familyOf } from '../../../src/net/index.ts';
import { PacketTracer, RouteTable, type TraceResult } from '../../../src/routing/index.ts';
import { World as ObjectWorld } from '../../../src/world/index.ts';
import { STANDARD_LAB } from '../../../testing/lab/spec.ts';
import { nodeOf } from '../runners/engine.ts';
import { eventsOf } from '../runners/events.ts';
import {
  type Expected,
  type Places,
  PROFILES,
  placesOf,
  type Scenario,
  type ScenarioDial,
  type Step,
} from './model.ts';
import { addressOf, type EndpointWords, GONE, NOT_READY, on, service, slice, TERMINATING } from './words.ts';

type Family = 'IPv4' | 'IPv6';

interface World {
  readonly family: Family;
  readonly udp: boolean;
  readonly type: 'ClusterIP' | 'NodePort' | 'LoadBalancer';
  readonly internalLocal: boolean;
  readonly externalLocal: boolean;
  readonly external: boolean;
  readonly ranges: readonly string[];
  /** The endpoints of each step. */
  readonly steps: readonly (readonly { readonly host: string; readonly words: EndpointWords }[])[];
}

const HOSTS = ['a1', 'a2', 'b1', 'b2'];
const DIALLERS = ['a1', 'a3', 'client', 'client2', 'node1'];
const RANGES: Readonly<Record<Family, readonly string[]>> = {
  IPv4: ['198.51.100.0/24', '10.180.0.0/16', '192.0.2.1/32', '198.51.101.10/32'],
  IPv6: ['fd00:c1::/64', 'fd00:180::/48', 'fd00:c0::1/128', 'fd00:c2::10/128'],
};

const state = fc.oneof(
  { weight: 5, arbitrary: fc.constant({}) },
  { weight: 2, arbitrary: fc.constantFrom(TERMINATING, GONE, NOT_READY) },
  { weight: 1, arbitrary: fc.constant({ ready: null }) },
);
const zones = fc.constantFrom(
  {},
  {},
  { forZones: ['zone-a'] },
  { forZones: ['zone-b'] },
  { forZones: ['zone-a', 'zone-b'] },
);
const endpoints = fc.subarray(HOSTS).chain(hosts =>
  // Hints apply only if all endpoints have some, so most worlds have them on all endpoints or on none.
  fc
    .tuple(
      fc.array(state, { minLength: 4, maxLength: 4 }),
      zones,
      fc.array(zones, { minLength: 4, maxLength: 4 }),
      fc.boolean(),
    )
    .map(([states, all, each, mixed]) =>
      hosts.map((host, i) => ({ host, words: { ...states[i], ...(mixed ? each[i] : all) } })),
    ),
);
const world: fc.Arbitrary<World> = fc.constantFrom<Family>('IPv4', 'IPv6').chain(family =>
  fc.record({
    family: fc.constant(family),
    udp: fc.boolean(),
    type: fc.constantFrom('ClusterIP', 'NodePort', 'LoadBalancer'),
    internalLocal: fc.boolean(),
    externalLocal: fc.boolean(),
    external: fc.boolean(),
    ranges: fc.oneof(fc.constant([]), fc.subarray([...RANGES[family]])),
    steps: fc.array(endpoints, { minLength: 2, maxLength: 2 }),
  }),
);

/** The same seed gives the same worlds. */
export function randomScenarios(seed: number, count: number): Scenario[] {
  return fc.sample(world, { seed, numRuns: count }).map((one, index) => scenarioOf(one, seed, index + 1));
}

function scenarioOf(one: World, seed: number, index: number): Scenario {
  const at = placesOf(index);
  const profile = 'standard';
  // A UDP dial of a later step may come from the port of an earlier one, and a serving endpoint keeps that flow.
  const endpoints = one.udp ? one.steps.slice(0, 1) : one.steps;
  const made = endpoints.map((endpointsOfStep, step): Step => {
    const slices = halves(endpointsOfStep).map((half, part) =>
      slice(
        half.map(({ host, words }) => on(host, words)),
        {
          family: one.family,
          suffix: String(part + 1),
          ports: [one.udp ? { name: '', port: 5353, protocol: 'UDP' } : { name: '', port: 8080 }],
        },
      ),
    );
    return { set: [...(step === 0 ? [serviceOf(one, at)] : []), ...slices], dials: [] };
  });
  const scenario = {
    id: `random-${seed}-${index}`,
    name: JSON.stringify(one),
    profile,
    except: {},
    steps: made,
  } as const;
  const world = new ObjectWorld();
  const table = new RouteTable(world.store, { name: STANDARD_LAB.nodes[0]?.name ?? '', zone: PROFILES[profile].zone });
  const steps = made.map(step => {
    table.update(world.apply(eventsOf(scenario, step)));
    const tracer = new PacketTracer(table.routes(), nodeOf(PROFILES[profile]));
    return { ...step, dials: dialsOf(one, at).map(dial => ({ ...dial, expect: asked(tracer, dial) })) };
  });
  return { ...scenario, steps };
}

function serviceOf(one: World, at: Places) {
  const six = one.family === 'IPv6';
  const port = one.udp ? { port: 53, protocol: 'UDP' } : { port: 80 };
  const outside = one.type !== 'ClusterIP';
  const external = six ? at.external6 : at.external;
  const spec = {
    type: one.type,
    ipFamilies: [one.family],
    ipFamilyPolicy: 'SingleStack',
    ports: [{ ...port, ...(outside ? { nodePort: at.nodePort } : {}) }],
    ...(one.internalLocal ? { internalTrafficPolicy: 'Local' } : {}),
    ...(one.externalLocal && (outside || one.external) ? { externalTrafficPolicy: 'Local' } : {}),
    ...(one.external ? { externalIPs: [external] } : {}),
    ...(one.type === 'LoadBalancer' && one.ranges.length > 0 ? { loadBalancerSourceRanges: one.ranges } : {}),
  };
  const ingress = one.type === 'LoadBalancer' ? { ingress: [six ? at.lb6 : at.lb] } : {};
  return service(six ? at.clusterIP6 : at.clusterIP, spec, ingress);
}

/** From every host to all frontends of the Service, and to a port that it does not have. */
function dialsOf(one: World, at: Places): Omit<ScenarioDial, 'expect'>[] {
  const six = one.family === 'IPv6';
  const protocol = one.udp ? 'UDP' : 'TCP';
  const port = one.udp ? 53 : 80;
  const places = [
    { to: six ? at.clusterIP6 : at.clusterIP, port },
    { to: six ? at.clusterIP6 : at.clusterIP, port: 81 },
    ...(one.external ? [{ to: six ? at.external6 : at.external, port }] : []),
    ...(one.type === 'LoadBalancer' ? [{ to: six ? at.lb6 : at.lb, port }] : []),
    ...(one.type === 'ClusterIP' ? [] : [{ to: addressOf('node1', one.family), port: at.nodePort }]),
  ];
  return DIALLERS.flatMap(from => places.map(place => ({ from, ...place, protocol }) as const));
}

function asked(tracer: PacketTracer, { from, to, port, protocol }: Omit<ScenarioDial, 'expect'>): Expected {
  const result = tracer.trace({ from: addressOf(from, familyOf(to)), to, port, protocol });
  if (result.outcome !== 'endpoints') return result.outcome;
  return { endpoints: result.endpoints.map(hostOf), source: sourceOf(result) };
}

function sourceOf({ masquerade }: TraceResult): 'hairpin' | 'node' | 'kept' {
  return masquerade === 'hairpin' ? 'hairpin' : masquerade ? 'node' : 'kept';
}

/** `[fd00:180::11]:8080` -> `a1:8080` */
function hostOf(endpoint: string): string {
  const colon = endpoint.lastIndexOf(':');
  const address = endpoint.slice(0, colon).replace(/^\[|\]$/g, '');
  const host = HOSTS.find(name => [addressOf(name), addressOf(name, 'IPv6')].includes(address));
  if (host === undefined) throw new Error(`no host has the endpoint ${endpoint}`);
  return `${host}${endpoint.slice(colon)}`;
}

/** Always two slices, so that a later step empties a slice that an earlier one filled. */
function halves<T>(all: readonly T[]): [readonly T[], readonly T[]] {
  const middle = Math.ceil(all.length / 2);
  return [all.slice(0, middle), all.slice(middle)];
}
