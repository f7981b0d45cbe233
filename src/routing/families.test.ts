import { expect, test } from 'vitest';
import { sets } from '../../test/support/objects.ts';
import { stateReason } from '../explain/words/index.ts';
import { World } from '../world/index.ts';
import { RouteTable, routeState } from './index.ts';

test('each family of a dual-stack Service counts only the pods that lack this family', () => {
  const addressed = (name: string, ...ips: string[]) => `
apiVersion: v1
kind: Pod
metadata: { name: ${name}, labels: { app: web } }
spec: { containers: [{ name: c, image: x }] }
status:
  phase: Running
  podIP: "${ips[0]}"
  podIPs: [${ips.map(ip => `{ ip: "${ip}" }`).join(', ')}]
  conditions: [{ type: Ready, status: "True" }]
---
`;
  const pods = addressed('a', '10.0.0.1') + addressed('b', '10.0.0.2', 'fd00::2') + addressed('c', 'fd00::3');
  const dual = `
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ipFamilyPolicy: PreferDualStack, ipFamilies: [IPv4, IPv6], ports: [{ port: 80 }] }
---
`;
  const world = new World();
  const table = new RouteTable(world.store);
  table.update(world.apply(sets(dual + addressed('d', '10.0.0.4', 'fd00::4') + pods)));
  const counts = [...table.routes()].map(route => {
    const { state, ready, total } = routeState(route);
    return [route.family, state, `${ready}/${total}`, stateReason(route)];
  });
  expect(counts).toEqual([
    ['IPv4', 'Partial', '3/4', expect.stringMatching(/^c: /)],
    ['IPv6', 'Partial', '3/4', expect.stringMatching(/^a: /)],
  ]);
});
