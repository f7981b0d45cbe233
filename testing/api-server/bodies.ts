/** Request bodies, as small as this server and a real one accept. */
export interface ServiceShape {
  readonly name: string;
  readonly port?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export function service({ name, port = 80, labels = {}, annotations = {} }: ServiceShape): unknown {
  const ports = [{ name: 'http', protocol: 'TCP', port, targetPort: 8080 }];
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, labels, annotations }, spec: { ports } };
}

export function slice(
  service: string,
  addresses: readonly string[],
  more: Readonly<Record<string, unknown>> = {},
): unknown {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${service}-1`, labels: { 'kubernetes.io/service-name': service }, ...more },
    addressType: 'IPv4',
    ports: [{ name: 'http', protocol: 'TCP', port: 8080 }],
    endpoints: addresses.map(address => ({ addresses: [address], nodeName: 'node-1', zone: 'zone-a' })),
  };
}

export function node(name: string): unknown {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name },
    spec: { podCIDR: '10.1.0.0/24', podCIDRs: ['10.1.0.0/24'] },
  };
}

export function namespace(name: string): unknown {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}

export const SERVICES = '/api/v1/namespaces/shop/services';
export const SLICES = '/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices';
