import type { EndpointSlice } from '../../../kube/index.ts';
import { columns } from '../../columns.ts';

/** Slices as `kubectl get endpointslices` lists them. */
export function sliceTable(slices: readonly EndpointSlice[], showHeaders: boolean): string {
  const rows = slices.map(slice => {
    const addresses = slice.endpoints.flatMap(endpoint => endpoint.addresses);
    const shown = addresses.slice(0, 3).join(',') + (addresses.length > 3 ? ` + ${addresses.length - 3} more...` : '');
    const ports = slice.ports.map(port => port.port ?? '*').join(',');
    return [slice.meta.namespace, slice.meta.name, slice.addressType, ports || '<unset>', shown || '<unset>'];
  });
  return columns(['NAMESPACE', 'NAME', 'ADDRESSTYPE', 'PORTS', 'ENDPOINTS'], rows, showHeaders);
}
