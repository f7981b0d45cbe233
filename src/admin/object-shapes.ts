/**
 * The shapes of Kubernetes objects as this program keeps them (`kube/objects.ts`), without what only running pods needs:
 * Secrets and the like never leave the process.
 */

import {
  type ConfigMap,
  type Container,
  type ContainerPort,
  type EndpointSlice,
  type Endpoints,
  type EndpointsAddress,
  type EndpointsSubset,
  type EnvFrom,
  type EnvSource,
  type EnvVar,
  type Labels,
  type LoadBalancerIngress,
  type Namespace,
  type Node,
  type ObjectMeta,
  type ObjectReference,
  type OwnerReference,
  type Pod,
  type PodCondition,
  type PodSpec,
  type PodStatus,
  type Probe,
  type ProbeAction,
  parseQuantity,
  type Quantity,
  type ResourceReference,
  type RoutingObject,
  type Service,
  type ServiceCIDR,
  type ServicePort,
  type SliceEndpoint,
  type SlicePort,
  type Workload,
} from '../kube/index.ts';
import { type Cidr, canonicalAddress } from '../net/index.ts';
import {
  absent,
  byKind,
  dictionary,
  either,
  fields,
  flag,
  integer,
  line,
  list,
  number,
  oneOf,
  optional,
  pair,
  port,
  type Shape,
  text,
} from './shape.ts';

export const address: Shape<string> = (value): value is string => line(value) && canonicalAddress(value) !== undefined;
export const protocol = oneOf('TCP', 'UDP', 'SCTP');
const family = oneOf('IPv4', 'IPv6');
const policy = oneOf('Cluster', 'Local');
const cidr = fields<Cidr>({ family, network: address, prefix: integer });
const labels: Shape<Labels> = dictionary(line);
/** Annotations and data may have several lines. */
const texts: Shape<Labels> = dictionary(text);
const portOrName = either(port, line);
const quantity: Shape<Quantity> = (value): value is Quantity => text(value) && parseQuantity(value) === value;

const meta = fields<ObjectMeta>({
  name: line,
  namespace: line,
  labels,
  annotations: texts,
  uid: optional(line),
  creationTimestamp: optional(line),
  deletionTimestamp: optional(line),
  owners: list(fields<OwnerReference>({ kind: line, name: line, controller: flag, uid: optional(line) })),
});

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

const envSource = byKind<EnvSource>({
  value: fields<Extract<EnvSource, { kind: 'value' }>>({ kind: oneOf('value'), value: text }),
  configMap: fields<Extract<EnvSource, { kind: 'configMap' }>>({
    kind: oneOf('configMap'),
    name: line,
    key: line,
    optional: flag,
  }),
  field: fields<Extract<EnvSource, { kind: 'field' }>>({ kind: oneOf('field'), path: text }),
  secret: fields<Extract<EnvSource, { kind: 'secret' }>>({
    kind: oneOf('secret'),
    name: line,
    key: line,
    optional: flag,
  }),
  resource: fields<Extract<EnvSource, { kind: 'resource' }>>({
    kind: oneOf('resource'),
    ref: fields<ResourceReference>({ resource: line, containerName: optional(line), divisor: quantity }),
  }),
  file: fields<Extract<EnvSource, { kind: 'file' }>>({
    kind: oneOf('file'),
    volumeName: line,
    path: line,
    key: line,
    optional: flag,
  }),
});

const action = byKind<ProbeAction>({
  httpGet: fields<Extract<ProbeAction, { kind: 'httpGet' }>>({
    kind: oneOf('httpGet'),
    host: optional(text),
    path: text,
    port: portOrName,
    scheme: oneOf('HTTP', 'HTTPS'),
    headers: list(pair(line, text)),
  }),
  tcpSocket: fields<Extract<ProbeAction, { kind: 'tcpSocket' }>>({
    kind: oneOf('tcpSocket'),
    host: optional(text),
    port: portOrName,
  }),
  exec: fields<Extract<ProbeAction, { kind: 'exec' }>>({ kind: oneOf('exec'), command: list(text) }),
  grpc: fields<Extract<ProbeAction, { kind: 'grpc' }>>({ kind: oneOf('grpc'), port, service: text }),
});

const probe = fields<Probe>({
  action,
  initialDelaySeconds: number,
  periodSeconds: number,
  timeoutSeconds: number,
  successThreshold: number,
  failureThreshold: number,
  terminationGracePeriodSeconds: optional(number),
});

const container = fields<Container>({
  name: line,
  image: optional(text),
  command: list(text),
  args: list(text),
  workingDir: optional(text),
  env: list(fields<EnvVar>({ name: line, source: envSource })),
  envFrom: list(fields<EnvFrom>({ kind: oneOf('configMap', 'secret'), name: line, prefix: line, optional: flag })),
  ports: list(
    fields<ContainerPort>({
      name: line,
      protocol,
      containerPort: port,
      hostPort: optional(port),
      hostIP: optional(line),
    }),
  ),
  readinessProbe: optional(probe),
  livenessProbe: optional(probe),
  startupProbe: optional(probe),
  restartPolicy: optional(oneOf('Always')),
  run: absent,
});

const podSpec = fields<PodSpec>({
  containers: list(container),
  initContainers: list(container),
  nodeName: optional(line),
  hostname: optional(line),
  subdomain: optional(line),
  hostNetwork: flag,
  enableServiceLinks: flag,
  restartPolicy: oneOf('Always', 'OnFailure', 'Never'),
  terminationGracePeriodSeconds: number,
  readinessGates: list(line),
  serviceAccountName: optional(line),
  run: absent,
});

const pod = fields<Pod>({
  kind: oneOf('Pod'),
  meta,
  spec: podSpec,
  status: fields<PodStatus>({
    phase: oneOf('Pending', 'Running', 'Succeeded', 'Failed', 'Unknown'),
    podIPs: list(address),
    conditions: list(
      fields<PodCondition>({
        type: line,
        status: oneOf('True', 'False', 'Unknown'),
        reason: optional(line),
        message: optional(text),
      }),
    ),
  }),
});

const workload = fields<Workload>({
  kind: oneOf('Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'ReplicationController'),
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
