/**
 * The shapes of Kubernetes objects as this program keeps them (`kube/objects.ts`), without what only running pods needs:
 * Secrets and the like never leave the process.
 */

import {
  type ConfigMap,
  type EndpointSlice,
  type Endpoints,
  type EndpointsAddress,
  type EndpointsSubset,
  type LoadBalancerIngress,
  type Namespace,
  type Node,
  type ObjectReference,
  type RoutingObject,
  type Service,
  type ServiceCIDR,
  type ServicePort,
  type SliceEndpoint,
  type SlicePort,
  WORKLOAD_KINDS,
  type Workload,
} from '../kube/index.ts';
import type { Cidr } from '../net/index.ts';
import { address, labels, meta, portOrName, protocol, texts } from './meta-shapes.ts';
import { pod, podSpec } from './pod-shapes.ts';
import { absent, byKind, fields, flag, integer, line, list, number, oneOf, optional, port } from './shape.ts';

const family = oneOf('IPv4', 'IPv6');
const policy = oneOf('Cluster', 'Local');
const cidr = fields<Cidr>({ family, network: address, prefix: integer });

const service = fields<Service>({
  kind: oneOf('Service'),
  meta,
  type: oneOf('ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'),
  selector: optional(labels),
  ports: list(
    fields<ServicePort>({
      name: line,
      protocol,
      port,
      targetPort: portOrName,
      nodePort: optional(port),
      appProtocol: optional(line),
    }),
  ),
  headless: flag,
  clusterIPs: list(address),
  ipFamilies: list(family),
  externalIPs: list(address),
  externalName: optional(line),
  affinityTimeoutSeconds: optional(number),
  internalTrafficPolicy: policy,
  externalTrafficPolicy: policy,
  healthCheckNodePort: optional(port),
  publishNotReadyAddresses: flag,
  loadBalancerSourceRanges: list(cidr),
  loadBalancerIngress: list(
    fields<LoadBalancerIngress>({ ip: optional(address), hostname: optional(line), ipMode: oneOf('VIP', 'Proxy') }),
  ),
  trafficDistribution: optional(oneOf('PreferClose', 'PreferSameZone', 'PreferSameNode')),
});

const workload = fields<Workload>({
  kind: oneOf(...WORKLOAD_KINDS),
  meta,
  replicas: integer,
  selector: labels,
  template: fields<Workload['template']>({ labels, annotations: texts, spec: podSpec }),
  serviceName: optional(line),
  firstOrdinal: integer,
  run: absent,
});

const reference = fields<ObjectReference>({ kind: line, namespace: line, name: line });

const slice = fields<EndpointSlice>({
  kind: oneOf('EndpointSlice'),
  meta,
  addressType: oneOf('IPv4', 'IPv6', 'FQDN'),
  ports: list(fields<SlicePort>({ name: optional(line), protocol, port: optional(port), appProtocol: optional(line) })),
  endpoints: list(
    fields<SliceEndpoint>({
      addresses: list(line),
      ready: flag,
      serving: flag,
      terminating: flag,
      hostname: optional(line),
      nodeName: optional(line),
      zone: optional(line),
      targetRef: optional(reference),
      forZones: list(line),
      forNodes: list(line),
    }),
  ),
});

const endpointsAddress = fields<EndpointsAddress>({
  ip: address,
  hostname: optional(line),
  nodeName: optional(line),
  targetRef: optional(reference),
});

const endpoints = fields<Endpoints>({
  kind: oneOf('Endpoints'),
  meta,
  subsets: list(
    fields<EndpointsSubset>({
      addresses: list(endpointsAddress),
      notReadyAddresses: list(endpointsAddress),
      ports: list(
        fields<EndpointsSubset['ports'][number]>({ name: line, port, protocol, appProtocol: optional(line) }),
      ),
    }),
  ),
});

export const kubeObject = byKind<RoutingObject>({
  Service: service,
  Pod: pod,
  Deployment: workload,
  ReplicaSet: workload,
  StatefulSet: workload,
  DaemonSet: workload,
  ReplicationController: workload,
  EndpointSlice: slice,
  Endpoints: endpoints,
  Node: fields<Node>({
    kind: oneOf('Node'),
    meta,
    podCIDRs: list(cidr),
    addresses: list(address),
    taints: list(line),
  }),
  Namespace: fields<Namespace>({ kind: oneOf('Namespace'), meta }),
  ServiceCIDR: fields<ServiceCIDR>({ kind: oneOf('ServiceCIDR'), meta, cidrs: list(cidr) }),
  ConfigMap: fields<ConfigMap>({ kind: oneOf('ConfigMap'), meta, data: texts, run: absent }),
});
