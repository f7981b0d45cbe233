import { expect, test } from 'vitest';
import { linked } from '../../../test/support/links.ts';
import { routeOf } from '../../../testing/route-of.ts';
import type { RouteChange } from '../../routing/index.ts';
import { isApplyCall } from '../container/calls.ts';
import { RemotePlane } from './remote-plane.ts';

const WEB = routeOf({ service: 'default/web' });
const CHANGES: readonly RouteChange[] = [
  { type: 'set', route: WEB, previous: routeOf({ service: 'default/web', port: 81 }) },
  { type: 'delete', route: routeOf({ service: 'default/old' }) },
];
const LISTENER = { route: WEB.key, frontend: WEB.frontends[0], address: '10.96.0.10', port: 80, protocol: 'TCP' };

test('the outcomes name the changes that the caller made, in their order', async () => {
  const bodies: unknown[] = [];
  const { near } = await linked({
    call: async (name, body) => {
      bodies.push([name, body]);
      if (!isApplyCall(body)) throw new Error('the gateway would reject this');
      return { outcomes: [{ listeners: [LISTENER] }, { listeners: [], failure: 'no' }] };
    },
  });
  const report = await new RemotePlane(() => near).apply(CHANGES);
  expect(report).toEqual({
    outcomes: [
      { change: CHANGES[0], listeners: [LISTENER] },
      { change: CHANGES[1], listeners: [], failure: 'no' },
    ],
  });
  expect(report.outcomes.map(({ change }, index) => change === CHANGES[index])).toEqual([true, true]);
  expect(bodies).toEqual([['apply', { changes: CHANGES.map(({ type, route }) => ({ type, route })) }]]);
});

test.each<[what: string, answer: unknown]>([
  ['nothing', null],
  ['something else', { outcomes: 'all' }],
  ['fewer outcomes than changes', { outcomes: [{ listeners: [] }] }],
])('an answer with %s is a failure of all changes', async (_what, answer) => {
  const { near } = await linked({ call: async () => answer });
  const { failure, outcomes } = await new RemotePlane(() => near).apply(CHANGES);
  expect(failure).toMatch(/did not answer with an outcome/);
  expect(outcomes.map(outcome => [outcome.change, outcome.failure])).toEqual(CHANGES.map(change => [change, failure]));
});

test('a link that is lost during an apply is a failure of all changes', async () => {
  const { near } = await linked({ call: () => new Promise(() => undefined) });
  const applying = new RemotePlane(() => near).apply(CHANGES);
  near.close();
  const { outcomes } = await applying;
  expect(outcomes.map(({ failure }) => failure)).toEqual(CHANGES.map(() => 'the connection to the gateway is lost'));
});
