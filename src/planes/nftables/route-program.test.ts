import { describe, expect, it } from 'vitest';
import { endpointOf, routeOf } from '../../../testing/route-of.ts';
import { parseCidr } from '../../net/index.ts';
import type { ProxiedRoute } from '../../routing/index.ts';
import type { PlacedFrontend } from './addresses.ts';
import { counted, difference } from './elements.ts';
import { atOnce } from './in-slices.ts';
import { beforeOf, NOTHING_BEFORE, programOf, type RouteProgram, vipEntryOf } from './route-program.ts';
import { compareViews, viewOfElements, viewOfRoutes } from './view.ts';

const CLUSTER: PlacedFrontend = { kind: 'clusterIP', address: '10.96.0.10', port: 80 };
const NODE: PlacedFrontend = { kind: 'nodePort', port: 30_080 };
const BALANCER: PlacedFrontend = {
  kind: 'loadBalancer',
  address: '203.0.113.1',
  port: 80,
  ownSources: ['203.0.113.1'],
};
const endpoints = (...numbers: number[]) => numbers.map(number => endpointOf(`10.0.0.${number}`));

let lastId = 0;
const newId = () => ++lastId;

function program(route: ProxiedRoute, frontends: readonly PlacedFrontend[], before?: RouteProgram): RouteProgram {
  return programOf(route, frontends, before === undefined ? NOTHING_BEFORE : beforeOf(before), newId);
}

/** The elements of a program, or those that differ from the previous program. */
function edits(before: RouteProgram | undefined, after: RouteProgram | undefined) {
  const removed = new Map<string, Map<string, string>>();
  const added = new Map<string, Map<string, string>>();
  const into =
    (all: typeof added) =>
    (set: string, key: string, data = '') => {
      const elements = all.get(set) ?? new Map<string, string>();
      all.set(set, elements.set(key, data));
    };
  difference(before, after, chain => chain, into(removed), into(added));
  return { removed, added };
}

/** All elements of a program's table, with the chains that its frontends name by number. */
function wholeOf(program: RouteProgram) {
  const { added } = edits(undefined, program);
  for (const { set, key, data } of counted(program, chain => chain)) {
    if (data !== undefined) added.set(set, (added.get(set) ?? new Map<string, string>()).set(key, data));
  }
  return added;
}

function sizeOf(elements: ReadonlyMap<string, ReadonlyMap<string, string>>, map: RegExp): number {
  return [...elements].reduce((sum, [set, list]) => sum + (map.test(set) ? list.size : 0), 0);
}

describe('source ranges', () => {
  const ranges = (...texts: string[]) => texts.flatMap(text => parseCidr(text) ?? []);
  it.each([
    ['one', ['10.0.0.0/8'], ['10.0.0.0/8', '203.0.113.1']],
    ['one inside another', ['10.0.0.0/16', '10.0.0.0/8'], ['10.0.0.0/8', '203.0.113.1']],
    ['three inside each other', ['10.1.2.0/24', '10.0.0.0/8', '10.1.0.0/16'], ['10.0.0.0/8', '203.0.113.1']],
    ['the same twice', ['10.0.0.0/8', '10.0.0.0/8'], ['10.0.0.0/8', '203.0.113.1']],
    ['neighbours', ['10.0.0.0/25', '10.0.0.128/25'], ['10.0.0.0/25', '10.0.0.128/25', '203.0.113.1']],
    ['one address', ['10.0.0.1/32'], ['10.0.0.1', '203.0.113.1']],
    ['one that contains the node’s own', ['203.0.113.0/24'], ['203.0.113.0/24']],
    ['all', ['0.0.0.0/0', '10.0.0.0/8'], ['0.0.0.0/0']],
  ])('never overlap, and cover all allowed sources: %s', (_name, given, admitted) => {
    expect(vipEntryOf(routeOf({ sourceRanges: ranges(...given) }), BALANCER).ranges).toEqual(admitted);
  });

  it('apply to a load balancer’s address and no other frontend', () => {
    const route = routeOf({ sourceRanges: ranges('10.0.0.0/8') });
    expect([CLUSTER, NODE].map(frontend => vipEntryOf(route, frontend).ranges)).toEqual([undefined, undefined]);
  });
});

describe('one endpoint more or less', () => {
  it.each([
    ['more', endpoints(1, 2, 3), endpoints(1, 2, 3, 4), { removed: 0, added: 1 }],
    ['less, the last', endpoints(1, 2, 3), endpoints(1, 2), { removed: 1, added: 0 }],
    ['less, the first', endpoints(1, 2, 3), endpoints(2, 3), { removed: 2, added: 1 }],
    ['for another', endpoints(1, 2, 3), endpoints(1, 9, 3), { removed: 1, added: 1 }],
    ['none, in another order', endpoints(1, 2, 3), endpoints(3, 1, 2), { removed: 0, added: 0 }],
  ])('is that many elements in each map of endpoints: %s', (_name, from, to, { removed, added }) => {
    for (const affinity of [{}, { affinityTimeoutSeconds: 60 }]) {
      const before = program(routeOf({ endpoints: from, ...affinity }), [CLUSTER]);
      const after = program(routeOf({ endpoints: to, ...affinity }), [CLUSTER], before);
      const found = edits(before, after);
      const map = 'affinityTimeoutSeconds' in affinity ? /^sticky_slots$/ : /^endpoints$/;
      expect({ removed: sizeOf(found.removed, map), added: sizeOf(found.added, map) }).toEqual({ removed, added });
    }
  });

  it('keeps the ids of all other endpoints, so that their clients stay', () => {
    const route = routeOf({ endpoints: endpoints(1, 2, 3), affinityTimeoutSeconds: 60 });
    const before = program(route, [CLUSTER]);
    const after = program(
      { ...route, ...routeOf({ endpoints: endpoints(2, 3, 4), affinityTimeoutSeconds: 60 }) },
      [CLUSTER],
      before,
    );
    expect(after.sticky?.id).toBe(before.sticky?.id);
    for (const kept of ['10.0.0.2 . 8080', '10.0.0.3 . 8080']) {
      expect(after.sticky?.ids.get(kept)).toBe(before.sticky?.ids.get(kept));
    }
    expect([...(before.sticky?.ids.values() ?? [])]).not.toContain(after.sticky?.ids.get('10.0.0.4 . 8080'));
  });

  it('no difference if there is no program before and after', () => {
    const { removed, added } = edits(undefined, undefined);
    expect([removed.size, added.size]).toEqual([0, 0]);
  });
});

describe('the views of elements and of routes', () => {
  const local = { externalTrafficPolicy: 'Local' } as const;
  const ROUTES: readonly [string, Partial<ProxiedRoute>, readonly PlacedFrontend[]][] = [
    ['a cluster IP', { endpoints: endpoints(1, 2) }, [CLUSTER]],
    ['all frontends', { endpoints: endpoints(1, 2, 3) }, [CLUSTER, NODE, BALANCER]],
    ['no endpoints', { endpoints: [] }, [CLUSTER, NODE]],
    ['affinity', { endpoints: endpoints(1, 2), affinityTimeoutSeconds: 60 }, [CLUSTER, NODE]],
    ['local, none here', { ...local, external: { kind: 'drop' } }, [CLUSTER, NODE]],
    ['local, sticky', { ...local, endpoints: endpoints(1, 2), affinityTimeoutSeconds: 9 }, [CLUSTER, NODE, BALANCER]],
    ['dropped', { internal: { kind: 'drop' } }, [CLUSTER]],
  ];

  it.each(ROUTES)('are equal: %s', (_name, more, frontends) => {
    const route = routeOf(more);
    const added = wholeOf(program(route, frontends));
    const { view, owners } = atOnce(viewOfRoutes('IPv4', [route], () => frontends));
    expect(atOnce(compareViews('IPv4', view, atOnce(viewOfElements(added)), owners))).toEqual([]);
  });

  it.each(ROUTES)('differ if one element is missing: %s', (_name, more, frontends) => {
    const route = routeOf(more);
    const { view, owners } = atOnce(viewOfRoutes('IPv4', [route], () => frontends));
    const whole = wholeOf(program(route, frontends));
    for (const [set, elements] of whole) {
      // Not of what is served: how many ids there are is seen by the endpoints behind them.
      if (set.endsWith('sticky_services')) continue;
      for (const key of elements.keys()) {
        const less = new Map([...whole].map(([name, list]) => [name, new Map(list)]));
        less.get(set)?.delete(key);
        expect(atOnce(compareViews('IPv4', view, atOnce(viewOfElements(less)), owners)), `${set} ${key}`).not.toEqual(
          [],
        );
      }
    }
  });

  it('differ if there is a VIP entry without a route', () => {
    const found = atOnce(
      viewOfElements(new Map([['frontends', new Map([['10.96.0.9 . 6 . 80', 'goto service-cluster-1']])]])),
    );
    const [difference_] = atOnce(compareViews('IPv4', new Map(), found, new Map()));
    expect(difference_).toMatchObject({ where: '10.96.0.9 . 6 . 80', what: 'traffic', expected: 'nothing' });
    expect(difference_).not.toHaveProperty('route');
  });
});
