import { describe, expect, test } from 'vitest';
import type { EndpointSlice } from '../../kube/index.ts';
import { project } from './projection.ts';

const OPTIONS = { primaryFamily: 'IPv4', defaultNamespace: 'default' } as const;

function service(spec: Record<string, unknown>, more: Record<string, unknown> = {}): unknown {
  const metadata = { name: 'web', namespace: 'shop', uid: 'u', resourceVersion: '1', managedFields: [{}] };
  const ports = [{ name: 'http', protocol: 'TCP', port: 80, targetPort: 8080 }];
  const clusterIPs = ['10.96.0.1'];
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata,
    spec: { clusterIP: '10.96.0.1', clusterIPs, ports, ...spec },
    ...more,
  };
}

describe('drops what validation rejects and keeps the rest:', () => {
  test('a port of several', () => {
    const good = { name: 'http', protocol: 'TCP', port: 80, targetPort: 8080 };
    const bad = { name: 'bad', protocol: 'TCP', port: 99_999, targetPort: 1 };
    const worse = { name: 'worse', protocol: 'TCP', port: 81, targetPort: 'Not A Name' };
    const { object, faults } = project(service({ ports: [bad, good, worse] }), OPTIONS);
    expect(object).toMatchObject({ ports: [{ name: 'http' }] });
    expect(faults.map(({ field }) => field)).toEqual(
      expect.arrayContaining(['spec.ports[0].port', 'spec.ports[2].targetPort']),
    );
  });

  test('a field, which then has its default', () => {
    const { object } = project(service({ internalTrafficPolicy: 'Nearby' }), OPTIONS);
    expect(object).toMatchObject({ internalTrafficPolicy: 'Cluster', ports: [{ port: 80 }] });
  });

  test('an external IP, and a range of several', () => {
    const ranges = ['10.0.0.0/8', 'nonsense'];
    const spec = { type: 'LoadBalancer', externalIPs: ['nonsense', '192.0.2.1'], loadBalancerSourceRanges: ranges };
    const status = { loadBalancer: { ingress: [{ ip: '192.0.2.9' }] } };
    const { object } = project(service(spec, { status }), OPTIONS);
    expect(object).toMatchObject({
      externalIPs: ['192.0.2.1'],
      loadBalancerSourceRanges: [{ network: '10.0.0.0' }],
      loadBalancerIngress: [{ ip: '192.0.2.9' }],
    });
  });

  test('source ranges without a valid range do not open the load balancer', () => {
    const status = { loadBalancer: { ingress: [{ ip: '192.0.2.9' }] } };
    const spec = { type: 'LoadBalancer', loadBalancerSourceRanges: ['nonsense'] };
    const { object } = project(service(spec, { status }), OPTIONS);
    expect(object).toMatchObject({ loadBalancerSourceRanges: [], loadBalancerIngress: [], ports: [{ port: 80 }] });
  });

  test('but returns nothing for an object without a name, or a Service without a port', () => {
    const unnamed = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'Not A Name' } };
    expect(project(unnamed, OPTIONS)).toMatchObject({ object: undefined, faults: [{ field: 'metadata.name' }] });
    expect(project(service({ ports: [{ port: 0 }] }), OPTIONS).object).toBeUndefined();
  });
});

test("keeps neither managedFields nor kubectl's copy of the object", () => {
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{}', 'example.com/mine': 'yes' };
  const metadata = { name: 'web', namespace: 'shop', uid: 'u', annotations, managedFields: [{ manager: 'kubectl' }] };
  const { object, faults } = project(service({}, { metadata }), OPTIONS);
  expect(faults).toEqual([]);
  expect(object?.meta.annotations).toEqual({ 'example.com/mine': 'yes' });
  expect(JSON.stringify(object)).not.toContain('manage');
});

describe('reuses unchanged parts of a slice', () => {
  function slice(addresses: readonly string[], more: Record<string, unknown> = {}): unknown {
    return {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: 'web-1', namespace: 'shop', labels: { 'kubernetes.io/service-name': 'web' } },
      addressType: 'IPv4',
      ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
      endpoints: addresses.map(address => ({ addresses: [address], conditions: { ready: true } })),
      ...more,
    };
  }
  function read(item: unknown, before?: EndpointSlice): EndpointSlice {
    const { object } = project(item, OPTIONS, before);
    if (object?.kind !== 'EndpointSlice') throw new Error('no slice');
    return object;
  }

  test('and replaces changed parts', () => {
    const before = read(slice(['10.0.0.1', '10.0.0.2', '10.0.0.3']));
    const after = read(slice(['10.0.0.1', '10.0.0.9', '10.0.0.3']), before);
    expect(after).toEqual(read(slice(['10.0.0.1', '10.0.0.9', '10.0.0.3'])));
    expect(after.endpoints.map((endpoint, i) => endpoint === before.endpoints[i])).toEqual([true, false, true]);
    expect(after.meta).toBe(before.meta);
    expect(after.ports).toBe(before.ports);
  });

  test.each<[what: string, item: unknown]>([
    ['fewer endpoints', slice(['10.0.0.1'])],
    ['more endpoints', slice(['10.0.0.1', '10.0.0.2', '10.0.0.3'])],
    ['another order', slice(['10.0.0.2', '10.0.0.1'])],
    ['another port', slice(['10.0.0.1', '10.0.0.2'], { ports: [{ name: 'http', port: 9090, protocol: 'TCP' }] })],
    ['another condition', slice([], { endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready: false } }] })],
    ['a zone', slice([], { endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready: true }, zone: 'a' }] })],
    ['other labels', slice(['10.0.0.1'], { metadata: { name: 'web-1', namespace: 'shop', labels: {} } })],
  ])('with %s the result equals that without a previous slice', (_what, item) => {
    expect(read(item, read(slice(['10.0.0.1', '10.0.0.2'])))).toEqual(read(item));
  });
});
