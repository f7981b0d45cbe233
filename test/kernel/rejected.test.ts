/** A route that the kernel rejects is reported, and does not affect the others. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { ProxiedRoute, RouteChange } from '../../src/routing/index.ts';
import { labMissing } from '../../testing/lab/tools.ts';
import { routesOf, service, slice } from './manifests.ts';
import { withNamespace } from './namespace.ts';
import { PlaneChild } from './plane-child.ts';

const run = promisify(execFile);
const OPTIONS = { nodeAddresses: ['192.0.2.1'], watchMs: 0 } as const;

/** Two routes at one address with overlapping source ranges, which no route table would produce. */
function balanced(name: string, endpoints: readonly string[], range: string): ProxiedRoute[] {
  const spec = { type: 'LoadBalancer', loadBalancerSourceRanges: [range] };
  const index = name.charCodeAt(0);
  return routesOf([service(name, `10.96.2.${index}`, spec, ['203.0.113.7']), slice(name, endpoints)]);
}
const FIRST = balanced('a', ['10.0.0.1'], '198.51.100.0/24');
/** Five endpoints: no other route uses a chain for five. */
const BAD = balanced(
  'b',
  [1, 2, 3, 4, 5].map(i => `10.0.1.${i}`),
  '198.51.100.0/25',
);
const GOOD = [2, 3, 4].flatMap(i => routesOf([service(`g${i}`, `10.96.3.${i}`), slice(`g${i}`, [`10.0.2.${i}`])]));

const set = (routes: readonly ProxiedRoute[]): RouteChange[] => routes.map(route => ({ type: 'set', route }));

const missing = labMissing();

describe.skipIf(missing !== undefined)('nftables plane: a route that the kernel rejects', () => {
  it.each([
    ['in a later batch', false],
    ['after a restart', true],
  ])(
    'is reported, the others are programmed, and no chain is left: %s',
    async (_name, restarts) => {
      await withNamespace(async namespace => {
        await using first = await PlaneChild.start(namespace, OPTIONS);
        await first.applyChanges(set(FIRST));
        if (restarts) await first.close();
        await using plane = restarts ? await PlaneChild.start(namespace, OPTIONS) : first;
        if (restarts) await plane.applyChanges(set(FIRST));
        await plane.applyChanges(set([...BAD, ...GOOD]));
        const refused = plane.events.filter(({ event }) => event === 'route-rejected');
        expect(refused).toMatchObject([{ route: BAD[0]?.key }]);
        const { stdout } = await run('ip', ['netns', 'exec', namespace, 'nft', 'list table ip switchboard']);
        for (const { endpoints } of GOOD) expect(stdout).toContain(endpoints[0]?.address);
        expect(stdout).not.toContain('10.0.1.');
        expect(stdout).not.toContain('-5 {');
        // Only the rejected route is missing, and verify reports it.
        const differences = await plane.verify();
        expect(differences).toContainEqual(expect.objectContaining({ route: BAD[0]?.key }));
        const others = differences.filter(
          ({ route, where }) => route !== BAD[0]?.key && !/ 10\.(96\.2\.98|0\.1\.)/.test(where),
        );
        expect(others).toEqual([]);
      });
    },
    30_000,
  );

  it('is deleted like any other', async () => {
    await withNamespace(async namespace => {
      await using plane = await PlaneChild.start(namespace, OPTIONS);
      await plane.applyChanges(set(FIRST));
      await plane.applyChanges(set(BAD));
      await plane.applyChanges(BAD.map((route): RouteChange => ({ type: 'delete', route })));
      expect(await plane.verify()).toEqual([]);
    });
  }, 30_000);
});
