/** The shapes of pods, without what only running them needs. */
import {
  type Container,
  type ContainerPort,
  type EnvFrom,
  type EnvSource,
  type EnvVar,
  type Pod,
  type PodCondition,
  type PodSpec,
  type PodStatus,
  type Probe,
  type ProbeAction,
  parseQuantity,
  type Quantity,
  type ResourceReference,
} from '../kube/index.ts';
import { address, meta, portOrName, protocol } from './meta-shapes.ts';
import {
  absent,
  byKind,
  fields,
  flag,
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

const quantity: Shape<Quantity> = (value): value is Quantity => text(value) && parseQuantity(value) === value;

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

export const podSpec = fields<PodSpec>({
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

export const pod = fields<Pod>({
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
