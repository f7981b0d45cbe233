import { describe, expect, test } from 'vitest';
import { pod, sets } from '../../../test/support/objects.ts';
import type { SkippedPod } from '../../endpoints/index.ts';
import { type Route, RouteTable, routeState } from '../../routing/index.ts';
import { World } from '../../world/index.ts';
import { skippedPodText, stateReason } from './index.ts';

function routeOf(yaml: string): Route {
  const world = new World();
  const table = new RouteTable(world.store);
  table.update(world.apply(sets(yaml)));
  const [route] = table.routes();
  if (route === undefined) throw new Error('no route');
  return route;
}

test('a reason names the pods, the missing port name and the existing one', () => {
  const yaml = `
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 80, targetPort: http }] }
---
`;
  const pods = ['a', 'b'].map((name, i) =>
    pod({ name, ip: `10.0.0.${i + 1}`, ports: '[{ name: web, containerPort: 8080 }]' }),
  );
  const route = routeOf(yaml + pods.join(''));
  expect(routeState(route).state).toBe('NoEndpoints');
  expect(stateReason(route)).toBe('a, b: no TCP port called "http"; it has "web" (8080/TCP)');
});

describe('why a pod is not an endpoint', () => {
  const port = { protocol: 'TCP', wanted: 'http', portName: 'web', reason: 'port-name-missing' } as const;
  test.each<[SkippedPod, string, string]>([
    [{ pod: 'a/b', reason: 'finished', phase: 'Failed' }, 'ended (phase Failed)', 'start it again'],
    // Commands without these flags print this, too.
    [{ pod: 'a/b', reason: 'no-address' }, 'no address', 'switchboard up --pod a/b=127.0.0.1:PORT'],
    [
      { pod: 'a/b', reason: 'no-address-of-family', family: 'IPv6', podIPs: ['10.0.0.1'] },
      'no IPv6 address (status.podIPs: 10.0.0.1)',
      'ipFamilies',
    ],
    [{ pod: 'a/b', reason: 'node-missing' }, 'on no node', 'set spec.nodeName'],
    [{ pod: 'a/b', reason: 'node-missing', nodeName: 'n' }, 'on node "n"', 'add the Node "n"'],
    [{ pod: 'a/b', ...port, declared: [] }, 'it has no named ports', 'set targetPort to a number'],
    [
      { pod: 'a/b', ...port, declared: [{ name: 'http', containerPort: 80, protocol: 'UDP' }] },
      'is for UDP, but the Service uses TCP',
      'set protocol: UDP',
    ],
    [
      { pod: 'a/b', ...port, declared: [{ name: 'web', containerPort: 80, protocol: 'TCP' }] },
      'no TCP port called "http"; it has "web" (80/TCP)',
      'set targetPort: web',
    ],
    [{ pod: 'a/b', reason: 'not-ready', message: 'starting' }, 'not ready, starting', 'readinessProbe'],
  ])('%j', (skipped, why, fix) => {
    const text = skippedPodText(skipped);
    expect(text.why).toContain(why);
    expect(text.fix).toContain(fix);
  });
});
