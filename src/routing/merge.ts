import { type EndpointSlice, LABEL_HEADLESS, type ServicePort, type SliceEndpoint } from '../kube/index.ts';
import type { IpFamily } from '../net/index.ts';
import type { Candidate, NodeContext } from './topology.ts';

/**
 * The endpoints of one Service port from all slices of a family. A Service port and a slice port match by *name and
 * protocol*, never by number. Only the first address of an endpoint counts, and slice ports without a number are skipped
 * (`pkg/proxy/endpointslicecache.go`).
 */
export function mergeEndpoints(
  port: ServicePort,
  family: IpFamily,
  slices: readonly EndpointSlice[],
  node: NodeContext,
): Candidate[] {
  const merged = new Map<string, Candidate>();
  for (const slice of slices) {
    if (slice.addressType !== family) continue;
    for (const slicePort of slice.ports) {
      if (slicePort.name !== port.name || slicePort.protocol !== port.protocol) continue;
      if (slicePort.port === undefined || slicePort.port === 0) continue;
      for (const endpoint of slice.endpoints) {
        const address = endpoint.addresses[0];
        if (address === undefined) continue;
        const id = `${address} ${slicePort.port}`;
        const candidate = toCandidate(endpoint, address, slicePort.port, node);
        const known = merged.get(id);
        if (known === undefined || better(candidate, known)) merged.set(id, candidate);
      }
    }
  }
  return [...merged.values()].sort(byAddress);
}

/** Proxies skip slices with the headless label (KEP-4762); DNS reads them. */
export function isForProxies(slice: EndpointSlice): boolean {
  return slice.meta.labels[LABEL_HEADLESS] === undefined;
}

function toCandidate(endpoint: SliceEndpoint, address: string, port: number, node: NodeContext): Candidate {
  return {
    address,
    port,
    ready: endpoint.ready,
    serving: endpoint.serving,
    terminating: endpoint.terminating,
    local: node.name === undefined || endpoint.nodeName === node.name,
    ...(endpoint.nodeName === undefined ? {} : { nodeName: endpoint.nodeName }),
    ...(endpoint.zone === undefined ? {} : { zone: endpoint.zone }),
    ...(endpoint.hostname === undefined ? {} : { hostname: endpoint.hostname }),
    ...(endpoint.targetRef === undefined ? {} : { targetRef: endpoint.targetRef }),
    forZones: endpoint.forZones,
    forNodes: endpoint.forNodes,
  };
}

/**
 * Chooses between two endpoints with one address and port, as while a pod moves between slices: the better state wins, and
 * local wins over remote. kube-proxy takes the one it read last, so the endpoint can flap.
 */
function better(a: Candidate, b: Candidate): boolean {
  return rank(a) > rank(b);
}

function rank(candidate: Candidate): number {
  return (candidate.ready ? 4 : 0) + (candidate.serving ? 2 : 0) + (candidate.local ? 1 : 0);
}

function byAddress(a: Candidate, b: Candidate): number {
  return a.address < b.address ? -1 : a.address > b.address ? 1 : a.port - b.port;
}
