import {
  ANNOTATION_TOPOLOGY_HINTS,
  ANNOTATION_TOPOLOGY_MODE,
  type Service,
  type SliceEndpoint,
} from '../kube/index.ts';

/**
 * Hints of spec.trafficDistribution (KEP-4444, KEP-3015): ready endpoints serve their own zone, or node and zone. The
 * topology-mode annotation takes precedence. Its hints depend on the CPUs of each zone's nodes, which manifests do not
 * contain, so there are no hints with it and traffic stays cluster-wide.
 */
export function withHints(service: Service, endpoint: SliceEndpoint): SliceEndpoint {
  const { trafficDistribution } = service;
  if (trafficDistribution === undefined || asksForTopologyMode(service) || !endpoint.ready) return endpoint;
  const { zone, nodeName } = endpoint;
  return {
    ...endpoint,
    forZones: zone === undefined ? [] : [zone],
    // A node hint needs no zone: the controller also sets it for pods on nodes without the zone label.
    forNodes: trafficDistribution === 'PreferSameNode' && nodeName !== undefined ? [nodeName] : [],
  };
}

export function asksForTopologyMode(service: Service): boolean {
  const asked =
    service.meta.annotations[ANNOTATION_TOPOLOGY_MODE] ?? service.meta.annotations[ANNOTATION_TOPOLOGY_HINTS];
  return asked?.toLowerCase() === 'auto';
}
