import type { EndpointSlice, SliceEndpoint } from '../kube/index.ts';

/** A slice as the API shows it (discovery.k8s.io/v1), so that kubectl and other tools read it. */
export function toApiSlice(slice: EndpointSlice): Record<string, unknown> {
  const { name, namespace, labels, annotations, owners } = slice.meta;
  // The API requires an owner's uid, which objects from plain manifests lack.
  const references = owners
    .filter(owner => owner.uid !== undefined)
    .map(({ kind, name: owner, controller, uid }) => ({ apiVersion: 'v1', kind, name: owner, uid, controller }));
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name,
      namespace,
      labels,
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
      ...(references.length === 0 ? {} : { ownerReferences: references }),
    },
    addressType: slice.addressType,
    ports: slice.ports.map(port => ({ ...port })),
    endpoints: slice.endpoints.map(toApiEndpoint),
  };
}

function toApiEndpoint(endpoint: SliceEndpoint): Record<string, unknown> {
  const { addresses, ready, serving, terminating, hostname, nodeName, zone, targetRef, forZones, forNodes } = endpoint;
  const hints = {
    ...(forZones.length === 0 ? {} : { forZones: forZones.map(name => ({ name })) }),
    ...(forNodes.length === 0 ? {} : { forNodes: forNodes.map(name => ({ name })) }),
  };
  return {
    addresses,
    conditions: { ready, serving, terminating },
    ...(hostname === undefined ? {} : { hostname }),
    ...(nodeName === undefined ? {} : { nodeName }),
    ...(zone === undefined ? {} : { zone }),
    ...(targetRef === undefined ? {} : { targetRef }),
    ...(Object.keys(hints).length === 0 ? {} : { hints }),
  };
}
