/**
 * Random clusters and histories of changes, applied step by step to a real kernel table. Runs in a network namespace
 * of its own (`histories.test.ts`); on a failure it prints the smallest failing history and exits with code 1.
 *
 * @module
 */

import fc from 'fast-check';
import type { KubeObject, ObjectEvent } from '../../src/kube/index.ts';
import { parseCidr } from '../../src/net/index.ts';
import { type ProxiedRoute, RouteTable } from '../../src/routing/index.ts';
import { World } from '../../src/world/index.ts';
import { applyAll } from '../support/apply-all.ts';
import { objects, slice } from '../support/objects.ts';
import { readElements, startPlane } from './plane-kit.ts';

const NODE = { name: 'n1', zone: 'z1' };

/** Objects that interact: one name in different shapes, so that a history turns one into another. */
const POOL: readonly KubeObject[] = objects(
  ['a', 'b', 'c', 'd']
    .flatMap((name, i) => {
      const ip = `10.96.0.1${i}`;
      const both = `clusterIP: ${ip}, clusterIPs: [${ip}, "fd00:96::1${i}"], ipFamilyPolicy: PreferDualStack, ipFamilies: [IPv4, IPv6]`;
      const http = 'ports: [{ name: http, port: 80 }]';
      return [
        `{ clusterIP: ${ip}, ${http} }`,
        `{ ${both}, ports: [{ name: http, port: 80 }, { name: dns, port: 53, protocol: UDP }] }`,
        `{ ${both}, sessionAffinity: ClientIP, ports: [{ name: http, port: 8${i} }] }`,
        `{ clusterIP: ${ip}, sessionAffinity: ClientIP, sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } }, type: NodePort, externalTrafficPolicy: Local, ports: [{ name: http, port: 80, nodePort: 30080 }] }`,
        `{ clusterIP: ${ip}, internalTrafficPolicy: Local, type: NodePort, ports: [{ name: http, port: 80, nodePort: 30080 }] }`,
        `{ clusterIP: ${ip}, externalIPs: [192.0.2.10, 192.0.2.11], ${http} }`,
        '{ clusterIP: None, ports: [{ name: http, port: 80 }] }',
      ]
        .map(spec => service(name, spec))
        .concat(
          service(
            name,
            `{ clusterIP: ${ip}, type: LoadBalancer, externalTrafficPolicy: Local, loadBalancerSourceRanges: [198.51.100.0/24, 198.51.100.0/25, 192.0.2.0/24], ports: [{ name: http, port: 80, nodePort: 3010${i} }] }`,
            '{ loadBalancer: { ingress: [{ ip: 203.0.113.10 }, { ip: 203.0.113.11, ipMode: Proxy }] } }',
          ),
          service(
            name,
            `{ clusterIP: ${ip}, type: LoadBalancer, loadBalancerSourceRanges: [198.51.100.0/26], ports: [{ name: http, port: 80, nodePort: 3010${i} }] }`,
            '{ loadBalancer: { ingress: [{ ip: 203.0.113.10 }, { ip: 203.0.113.11, ipMode: Proxy }] } }',
          ),
        );
    })
    .concat(
      ['a', 'b', 'c', 'd'].flatMap(name => [
        slice(name, '[{ addresses: [10.0.0.1], nodeName: n1 }]'),
        slice(name, '[{ addresses: [10.0.0.1], nodeName: n1 }, { addresses: [10.0.0.2], nodeName: n2 }]'),
        slice(
          name,
          '[{ addresses: [10.0.0.3], nodeName: n2 }, { addresses: [10.0.0.2], nodeName: n2 }, { addresses: [10.0.0.4], nodeName: n1 }, { addresses: [10.0.0.5], nodeName: n1, conditions: { ready: false, serving: true, terminating: true } }]',
        ),
        slice(name, '[{ addresses: [10.0.0.6], nodeName: n2 }]', '[{ name: dns, port: 53, protocol: UDP }]'),
        slice(name, '[]'),
        slice(
          name,
          '[{ addresses: [10.0.1.1], nodeName: n1 }, { addresses: [10.0.1.2], nodeName: n1 }]',
          undefined,
          'more',
        ),
        slice(
          name,
          '[{ addresses: ["fd00::1"], nodeName: n1 }, { addresses: ["fd00::2"], nodeName: n2 }]',
          undefined,
          'six',
        ).replace('addressType: IPv4', 'addressType: IPv6'),
      ]),
    )
    .join(''),
);

function service(name: string, spec: string, status?: string): string {
  return `apiVersion: v1\nkind: Service\nmetadata: { name: ${name} }\nspec: ${spec}\n${status === undefined ? '' : `status: ${status}\n`}---\n`;
}

const event = fc
  .record({ object: fc.constantFrom(...POOL), gone: fc.integer({ min: 0, max: 4 }) })
  .map(({ object, gone }): ObjectEvent => {
    if (gone > 0) return { type: 'set', object };
    return { type: 'delete', kind: object.kind, namespace: object.meta.namespace, name: object.meta.name };
  });
const history = fc.array(fc.array(event, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 12 });

const options = {
  nodeAddresses: ['192.0.2.1', 'fd00:2::1'],
  localTraffic: { kind: 'cidrs', cidrs: [parseCidr('10.0.0.0/16') ?? []].flat() },
  watchMs: 0,
} as const;

const runs = Number(process.argv[2] ?? 40);
const seed = process.argv[3] === undefined ? undefined : Number(process.argv[3]);

await fc.assert(
  fc.asyncProperty(history, fc.boolean(), async (steps, restarts) => {
    let step = await startPlane(options);
    await step.cleanup();
    step = await startPlane(options);
    const world = new World();
    const table = new RouteTable(world.store, NODE);
    try {
      for (const [i, events] of steps.entries()) {
        await applyAll(step.plane, table.update(world.apply(events)));
        const differences = await step.plane.verify();
        if (differences.length > 0) throw new Error(`step ${i}: ${JSON.stringify(differences, null, 1)}`);
        if (restarts && i % 3 === 1) {
          await step.plane.close();
          step = await startPlane(options);
          const routes = [...table.routes()];
          const plan = await step.plane.dryRun(routes.map(route => ({ type: 'set', route })));
          const edits = plan.split('\n').filter(line => /^(add|delete) element|^delete chain/.test(line));
          if (edits.length > 0) throw new Error(`step ${i}: a restart would edit\n${edits.join('\n')}`);
          await applyAll(
            step.plane,
            routes.map(route => ({ type: 'set', route })),
          );
        }
      }
      const incremental = await readElements();
      await step.plane.close();
      await (await startPlane(options)).cleanup();
      step = await startPlane(options);
      const proxied = [...table.routes()].filter((route): route is ProxiedRoute => route.kind === 'proxied');
      await applyAll(
        step.plane,
        proxied.map(route => ({ type: 'set', route })),
      );
      const differences = await step.plane.verify();
      if (differences.length > 0) throw new Error(`from scratch: ${JSON.stringify(differences)}`);
      const scratch = await readElements();
      if (incremental !== scratch) throw new Error(`step by step:\n${incremental}\nfrom scratch:\n${scratch}`);
    } finally {
      await step.plane.close();
    }
  }),
  { numRuns: runs, ...(seed === undefined ? {} : { seed }) },
);
process.stdout.write(`${runs} histories\n`);
