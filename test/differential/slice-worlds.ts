/**
 * Random worlds of Services and pods, as the API takes them: small enough that selectors, port names and nodes meet.
 *
 * @module
 */
import fc from 'fast-check';

export interface PodPlan {
  readonly name: string;
  readonly body: Record<string, unknown>;
  readonly status: Record<string, unknown>;
  /** Deleted with a long grace period, so that it stays terminating. */
  readonly terminating: boolean;
}

export interface World {
  readonly namespace: string;
  readonly services: readonly Record<string, unknown>[];
  readonly endpoints: readonly Record<string, unknown>[];
  readonly pods: readonly PodPlan[];
}

export const NODES = ['n1', 'n2', 'n3'].map((name, index) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels: index === 2 ? {} : { 'topology.kubernetes.io/zone': `z${index + 1}` } },
}));

const labels = fc.record({ app: fc.constantFrom('a', 'b'), tier: fc.constantFrom('x', 'y') });
const selector = fc.oneof(
  { weight: 4, arbitrary: fc.record({ app: fc.constantFrom('a', 'b') }) },
  { weight: 2, arbitrary: labels },
  { weight: 1, arbitrary: fc.constant(undefined) },
);
const protocol = fc.constantFrom('TCP', 'TCP', 'UDP');

const servicePorts = fc
  .uniqueArray(
    fc.record({
      name: fc.constantFrom('http', 'dns', 'admin'),
      port: fc.integer({ min: 1, max: 9000 }),
      protocol,
      targetPort: fc.oneof(fc.constantFrom('web', 'dns', 'side'), fc.integer({ min: 1, max: 9000 })),
      appProtocol: fc.option(fc.constantFrom('http', 'kubernetes.io/h2c'), { nil: undefined }),
    }),
    { selector: port => port.name, minLength: 1, maxLength: 3 },
  )
  .filter(ports => new Set(ports.map(port => `${port.port}/${port.protocol}`)).size === ports.length);

const service = fc
  .record({
    selector,
    ports: servicePorts,
    kind: fc.constantFrom('ClusterIP', 'ClusterIP', 'NodePort', 'Headless', 'PortlessHeadless', 'ExternalName'),
    dual: fc.constantFrom('SingleStack', 'SingleStack', 'PreferDualStack', 'RequireDualStack'),
    publish: fc.boolean(),
    distribution: fc.constantFrom(undefined, undefined, 'PreferClose', 'PreferSameZone', 'PreferSameNode'),
    labels: fc.option(labels, { nil: undefined }),
  })
  .map(({ selector, ports, kind, dual, publish, distribution, labels }) => {
    const headless = kind === 'Headless' || kind === 'PortlessHeadless';
    if (kind === 'ExternalName') {
      return { labels, spec: { type: 'ExternalName', externalName: 'example.com', selector, ports } };
    }
    return {
      labels,
      spec: {
        type: kind === 'NodePort' ? 'NodePort' : 'ClusterIP',
        ...(headless ? { clusterIP: 'None' } : {}),
        selector,
        ...(kind === 'PortlessHeadless' ? {} : { ports }),
        ipFamilyPolicy: dual,
        publishNotReadyAddresses: publish,
        trafficDistribution: distribution,
      },
    };
  });

const containerPorts = fc.uniqueArray(
  fc.record({ name: fc.constantFrom('web', 'dns'), containerPort: fc.integer({ min: 1, max: 9000 }), protocol }),
  { selector: port => port.name, maxLength: 2 },
);

const pod = fc.record({
  labels,
  node: fc.constantFrom('n1', 'n2', 'n3', 'n1', 'n2', 'n3', 'gone'),
  ports: containerPorts,
  sidecar: fc.constantFrom('none', 'none', 'sidecar', 'init'),
  ready: fc.boolean(),
  phase: fc.constantFrom('Running', 'Running', 'Running', 'Running', 'Pending', 'Succeeded', 'Failed'),
  ips: fc.constantFrom('v4', 'v4', 'both', 'v6', 'none'),
  terminating: fc.integer({ min: 0, max: 4 }).map(dice => dice === 0),
  identity: fc.option(fc.record({ hostname: fc.constant('host'), subdomain: fc.constantFrom('s0', 's1') }), {
    nil: undefined,
  }),
});

/** @param serial makes the names and addresses of each world unique */
export function worlds(count: number, seed: number): World[] {
  const world = fc.record({
    services: fc.array(service, { minLength: 4, maxLength: 6 }),
    pods: fc.array(pod, { minLength: 4, maxLength: 12 }),
    byHand: fc.array(fc.record({ ready: fc.boolean(), v6: fc.boolean(), port: fc.integer({ min: 1, max: 9000 }) }), {
      maxLength: 3,
    }),
  });
  return fc.sample(world, { seed, numRuns: count }).map((plan, serial) => {
    const namespace = `w${serial}`;
    const services = plan.services.map(({ labels, spec }, index) => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: `s${index}`, namespace, ...(labels === undefined ? {} : { labels }) },
      spec,
    }));
    services.push({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'by-hand', namespace },
      spec: { type: 'ClusterIP', selector: undefined, ports: [{ name: 'http', port: 80 }] } as never,
    });
    return {
      namespace,
      services,
      endpoints: plan.byHand.length === 0 ? [] : [endpointsOf(namespace, plan.byHand)],
      pods: plan.pods.map((each, index) => podPlan(namespace, serial, index, each)),
    };
  });
}

/** More pods than fit into one slice. */
export function crowd(namespace: string, count: number): World {
  const shape = {
    labels: { app: 'a', tier: 'x' },
    node: 'n1',
    ports: [],
    sidecar: 'none',
    ready: true,
    phase: 'Running',
    ips: 'v4',
    terminating: false,
    identity: undefined,
  };
  return {
    namespace,
    services: [
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'crowd', namespace },
        spec: { selector: { app: 'a' }, ports: [{ port: 80 }] },
      },
    ],
    endpoints: [],
    pods: Array.from({ length: count }, (_, index) => podPlan(namespace, 200, index, shape)),
  };
}

interface PodShape {
  readonly labels: Record<string, string>;
  readonly node: string;
  readonly ports: readonly unknown[];
  readonly sidecar: string;
  readonly ready: boolean;
  readonly phase: string;
  readonly ips: string;
  readonly terminating: boolean;
  readonly identity: Record<string, string> | undefined;
}

function podPlan(namespace: string, serial: number, index: number, shape: PodShape): PodPlan {
  const side = { name: 'side', image: 'none', ports: [{ name: 'side', containerPort: 4000 + index }] };
  const initContainers =
    shape.sidecar === 'none' ? [] : [shape.sidecar === 'sidecar' ? { ...side, restartPolicy: 'Always' } : side];
  return {
    name: `p${index}`,
    terminating: shape.terminating,
    body: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `p${index}`, namespace, labels: shape.labels },
      spec: {
        nodeName: shape.node,
        containers: [{ name: 'main', image: 'none', ports: shape.ports }],
        initContainers,
        ...shape.identity,
      },
    },
    status: statusOf(shape, `10.${serial}.0.${index + 1}`, `fd00:${serial}::${(index + 1).toString(16)}`),
  };
}

/** What a kubelet would report. */
export function statusOf(
  shape: Pick<PodShape, 'ready' | 'phase' | 'ips'>,
  v4: string,
  v6: string,
): Record<string, unknown> {
  const addresses = { v4: [v4], both: [v4, v6], v6: [v6], none: [] }[shape.ips] ?? [];
  const ready = shape.ready && shape.phase === 'Running';
  return {
    phase: shape.phase,
    podIPs: addresses.map(ip => ({ ip })),
    ...(addresses[0] === undefined ? {} : { podIP: addresses[0] }),
    conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
  };
}

function endpointsOf(
  namespace: string,
  addresses: readonly { ready: boolean; v6: boolean; port: number }[],
): Record<string, unknown> {
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name: 'by-hand', namespace },
    subsets: addresses.map(({ ready, v6, port }, index) => {
      const address = { ip: v6 ? `2001:db8::${index + 1}` : `192.0.2.${index + 1}` };
      return { [ready ? 'addresses' : 'notReadyAddresses']: [address], ports: [{ name: 'http', port }] };
    }),
  };
}
