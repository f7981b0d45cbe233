/**
 * The EndpointSlice controller, for sources that have no control plane: Service x Pods -> slices. It follows
 * `k8s.io/endpointslice` of Kubernetes 1.34; a differential test compares it with the real controller.
 *
 * @module
 */

import {
  type EndpointSlice,
  LABEL_ZONE,
  type Node,
  type Pod,
  type Service,
  SLICE_CONTROLLER,
  type SliceEndpoint,
  type SlicePort,
} from '../kube/index.ts';
import { familyOf, type IpFamily } from '../net/index.ts';
import { withHints } from './hints.ts';
import { EndpointGroups, packSlices } from './pack.ts';
import {
  finished,
  notReady,
  onMissingNode,
  type SkippedPod,
  withoutAddress,
  withoutAddressOf,
  withoutPort,
} from './skipped-pod.ts';
import { resolveTargetPort } from './target-port.ts';

/** The controller's default; its flag allows 1 to 1000. */
export const MAX_ENDPOINTS_PER_SLICE = 100;

/** The nodes, as far as the controller needs them. Without any Node in the inputs, every node is assumed to exist. */
export interface Nodes {
  readonly hasNodes: boolean;
  node(name: string): Node | undefined;
}

export interface MadeSlices {
  readonly slices: readonly EndpointSlice[];
  readonly skippedPods: readonly SkippedPod[];
}

/** @param pods the pods that the selector matches, in a stable order */
export function makeSlices(service: Service, pods: readonly Pod[], nodes: Nodes): MadeSlices {
  const groups = new EndpointGroups();
  const skippedPods: SkippedPod[] = [];
  for (const pod of pods) {
    const skipped = skippedPod(service, pod, nodes);
    if (skipped !== undefined) {
      skippedPods.push(skipped);
      continue;
    }
    const ports = slicePorts(service, pod, skippedPods);
    if (!isServing(pod) && !service.publishNotReadyAddresses && pod.meta.deletionTimestamp === undefined) {
      skippedPods.push(notReady(pod));
    }
    for (const family of service.ipFamilies) {
      const addresses = pod.status.podIPs.filter(address => familyOf(address) === family);
      if (addresses.length === 0) skippedPods.push(withoutAddressOf(family, pod));
      else groups.add(family, ports, withHints(service, sliceEndpoint(service, pod, addresses, nodes)));
    }
  }
  const owner = {
    meta: service.meta,
    ownerKind: 'Service',
    managedBy: SLICE_CONTROLLER,
    headless: service.headless,
  } as const;
  const slices = service.ipFamilies.flatMap(family => {
    const filled = groups.of(family);
    return packSlices(owner, filled.length > 0 ? filled : [placeholder(family)], MAX_ENDPOINTS_PER_SLICE);
  });
  return { slices, skippedPods };
}

function isServing(pod: Pod): boolean {
  return pod.status.conditions.some(condition => condition.type === 'Ready' && condition.status === 'True');
}

function skippedPod(service: Service, pod: Pod, nodes: Nodes): SkippedPod | undefined {
  if (pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed') return finished(pod);
  if (pod.status.podIPs.length === 0) return withoutAddress(pod);
  const nodeMissing = nodes.hasNodes && nodes.node(pod.spec.nodeName ?? '') === undefined;
  return nodeMissing && !service.publishNotReadyAddresses ? onMissingNode(pod) : undefined;
}

/** The Service's ports as resolved in this pod. A named port that the pod lacks is left out; the others stay. */
function slicePorts(service: Service, pod: Pod, skippedPods: SkippedPod[]): SlicePort[] {
  const ports: SlicePort[] = [];
  for (const port of service.ports) {
    const number = resolveTargetPort(port, pod);
    if (number === undefined) {
      skippedPods.push(withoutPort(port, pod));
      continue;
    }
    ports.push({
      name: port.name,
      protocol: port.protocol,
      port: number,
      ...(port.appProtocol === undefined ? {} : { appProtocol: port.appProtocol }),
    });
  }
  return ports;
}

function sliceEndpoint(service: Service, pod: Pod, addresses: readonly string[], nodes: Nodes): SliceEndpoint {
  const serving = isServing(pod);
  const terminating = pod.meta.deletionTimestamp !== undefined;
  const { nodeName, hostname, subdomain } = pod.spec;
  const zone = nodeName === undefined ? undefined : nodes.node(nodeName)?.meta.labels[LABEL_ZONE];
  const named = hostname !== undefined && hostname !== '' && subdomain === service.meta.name;
  return {
    addresses,
    ready: service.publishNotReadyAddresses || (serving && !terminating),
    serving,
    terminating,
    ...(named ? { hostname } : {}),
    ...(nodeName === undefined ? {} : { nodeName }),
    ...(zone === undefined ? {} : { zone }),
    targetRef: { kind: 'Pod', namespace: pod.meta.namespace, name: pod.meta.name },
    forZones: [],
    forNodes: [],
  };
}

/** A Service without endpoints has one empty slice, so that readers see that it was evaluated. */
function placeholder(family: IpFamily): { family: IpFamily; ports: SlicePort[]; endpoints: SliceEndpoint[] } {
  return { family, ports: [], endpoints: [] };
}
