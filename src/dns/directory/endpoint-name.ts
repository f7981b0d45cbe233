import type { SliceEndpoint } from '../../kube/objects.ts';
import { addressLabel } from '../names/address-label.ts';

/**
 * The label of an endpoint's address below its Service: the slice's hostname; the pod's name, where that is asked for
 * and is a label; the dashed address (Kubernetes DNS specification 1.1.0, 2.4.1 leaves the last form open).
 */
export function endpointLabel(endpoint: SliceEndpoint, address: string, byPodName: boolean): string {
  if (endpoint.hostname !== undefined && endpoint.hostname !== '') return endpoint.hostname.toLowerCase();
  const pod = endpoint.targetRef?.name;
  if (byPodName && pod !== undefined && pod.length <= 63 && !pod.includes('.')) return pod.toLowerCase();
  return addressLabel(address);
}
