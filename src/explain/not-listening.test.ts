import { describe, expect, test } from 'vitest';
import { sets } from '../../test/support/objects.ts';
import type { ProxiedRoute } from '../routing/index.ts';
import { RouteTable } from '../routing/index.ts';
import { World } from '../world/index.ts';
import { dialledListeners, explainRoute, parseTarget, withProbes } from './index.ts';

const MANIFESTS = `
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, clusterIP: 10.96.0.10, externalIPs: [192.0.2.5], ports: [{ port: 80, targetPort: 8080 }] }
---
apiVersion: v1
kind: Pod
metadata: { name: web, labels: { app: web } }
spec: { containers: [{ name: c, image: x }] }
status: { phase: Running, podIP: 127.0.0.1, conditions: [{ type: Ready, status: "True" }] }
`;
const WHY = '192.0.2.5 is not an address of this machine';

/** An explanation for a running `up` whose listeners on the cluster IP and the external IP failed or not. */
function explained(failed: { clusterIP?: string; externalIP?: string }, target = 'svc/web') {
  const world = new World();
  const table = new RouteTable(world.store);
  table.update(world.apply(sets(MANIFESTS)));
  const [route] = table.routes();
  if (route?.kind !== 'proxied') throw new Error('no route');
  const listening = ({ frontends }: ProxiedRoute) =>
    frontends.flatMap(frontend => {
      if (frontend.kind === 'nodePort') return [];
      const why = frontend.kind === 'clusterIP' ? failed.clusterIP : failed.externalIP;
      const address = frontend.kind === 'clusterIP' ? '127.1.2.3' : '192.0.2.5';
      return [{ frontend, address, port: 80, ...(why === undefined ? {} : { failed: why }) }];
    });
  const listeners = dialledListeners(parseTarget(target), listening(route));
  const input = { store: table.store, assumed: new Set<string>(), listening: () => listeners };
  return withProbes(explainRoute(route, 'web', input), [
    { endpoint: '127.0.0.1:8080', state: 'ok', text: 'accepts connections' },
  ]);
}

describe('a running up that does not listen', () => {
  test('anywhere: the client hop is broken, with the reason, though the endpoints answer', () => {
    const sctp = 'the userspace plane does not support SCTP';
    expect(explained({ clusterIP: sctp, externalIP: sctp })).toMatchObject({
      verdict: 'does not reach',
      confidence: 'certain',
      cause: expect.stringContaining(sctp),
      hops: [{ hop: 'client', state: 'broken', details: [sctp, sctp] }],
    });
  });

  test('on some addresses: the client hop is partly broken', () => {
    expect(explained({ externalIP: WHY })).toMatchObject({
      verdict: 'partly',
      cause: `the running up does not listen on 192.0.2.5:80: ${WHY}`,
      hops: expect.arrayContaining([expect.objectContaining({ hop: 'client', state: 'warning' })]),
    });
  });

  test.each([
    ['192.0.2.5:80', 'does not reach'],
    ['10.96.0.10:80', 'reaches'],
  ])('on the external IP: %s %s', (target, verdict) => {
    expect(explained({ externalIP: WHY }, target).verdict).toBe(verdict);
  });

  test('that listens everywhere reaches the endpoints', () => {
    expect(explained({})).toMatchObject({ verdict: 'reaches', confidence: 'certain' });
  });
});
