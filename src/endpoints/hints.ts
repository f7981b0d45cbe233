import { ANNOTATION_TOPOLOGY_HINTS, ANNOTATION_TOPOLOGY_MODE } from '../kube/names.ts';
import type { Service, SliceEndpoint } from '../kube/objects.ts';

/**
 * Hints of spec.trafficDistribution (KEP-4444, KEP-3015): ready endpoints are kept for their own zone, or node and
 * zone. The topology-mode annotation wins over the field; what it asks for hangs on the CPUs of every zone's nodes,
 * which nobody knows from manifests, so no hints are made then and traffic stays cluster-wide.
 */
export function withHints(service: Service, endpoint: SliceEndpoint): SliceEndpoint {
  if (service.trafficDistribution === undefined || asksForTopologyMode(service) || !endpoint.ready) return endpoint;
  if (endpoint.zone === undefined) return endpoint;
  const sameNode = service.trafficDistribution === 'PreferSameNode' && endpoint.nodeName !== undefined;
  return { ...endpoint, forZones: [endpoint.zone], forNodes: sameNode ? [endpoint.nodeName] : [] };
}

export function asksForTopologyMode(service: Service): boolean {
  const asked =
    service.meta.annotations[ANNOTATION_TOPOLOGY_MODE] ?? service.meta.annotations[ANNOTATION_TOPOLOGY_HINTS];
  return asked?.toLowerCase() === 'auto';
}
