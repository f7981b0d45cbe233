/** Objects as a source delivers them, built from the few fields that kernel tests vary. */

import type { ObjectEvent } from '../../src/kube/index.ts';
import { readObject } from '../../src/kube/read/index.ts';
import { type ProxiedRoute, type RouteChange, RouteTable } from '../../src/routing/index.ts';
import { World } from '../../src/world/index.ts';

const READ = { primaryFamily: 'IPv4', defaultNamespace: 'default' } as const;

/** @throws if the manifest is rejected */
export function set(manifest: unknown): ObjectEvent {
  const outcome = readObject(manifest, READ);
  if (outcome.status !== 'read') throw new Error(JSON.stringify({ outcome, manifest }));
  return { type: 'set', object: outcome.object };
}

export function gone(kind: 'Service' | 'EndpointSlice', name: string): ObjectEvent {
  return { type: 'delete', kind, namespace: 'default', name };
}

/** A Service whose port 80 goes to 8080 unless `spec` says otherwise. */
export function service(
  name: string,
  clusterIP: string,
  spec: Readonly<Record<string, unknown>> = {},
  ingress: readonly string[] = [],
): ObjectEvent {
  return set({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { clusterIP, clusterIPs: [clusterIP], ports: [{ port: 80, targetPort: 8080 }], ...spec },
    ...(ingress.length === 0 ? {} : { status: { loadBalancer: { ingress: ingress.map(ip => ({ ip })) } } }),
  });
}

export interface SliceWords {
  readonly node?: string;
  readonly port?: number;
  readonly protocol?: string;
}

/** The one slice of a Service, in the family of its addresses. */
export function slice(name: string, addresses: readonly string[], words: SliceWords = {}): ObjectEvent {
  const { node = 'node1', port = 8080, protocol = 'TCP' } = words;
  const six = addresses.some(address => address.includes(':'));
  return set({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${name}-${six ? 6 : 4}`, labels: { 'kubernetes.io/service-name': name } },
    addressType: six ? 'IPv6' : 'IPv4',
    ports: [{ name: '', port, protocol }],
    endpoints: addresses.map(address => ({ addresses: [address], nodeName: node })),
  });
}

/** The spec of an IPv6-only Service. */
export const SIX = { ipFamilies: ['IPv6'], ipFamilyPolicy: 'SingleStack' };
export const STICKY = { sessionAffinity: 'ClientIP' };

export function stickyFor(seconds: number): Readonly<Record<string, unknown>> {
  return { ...STICKY, sessionAffinityConfig: { clientIP: { timeoutSeconds: seconds } } };
}

/** The routes of objects, as a plane gets them at startup. */
export function changesOf(events: readonly ObjectEvent[]): readonly RouteChange[] {
  const world = new World();
  return new RouteTable(world.store, { name: 'node1', zone: 'z1' }).update(world.apply(events));
}

export function routesOf(events: readonly ObjectEvent[]): ProxiedRoute[] {
  return changesOf(events).flatMap(({ route }) => (route.kind === 'proxied' ? [route] : []));
}
