import { keyOf, type Pod, type ServicePort } from '../kube/index.ts';
import type { IpFamily, Protocol } from '../net/index.ts';
import { nameablePorts } from './target-port.ts';

/**
 * A pod that a Service selects but that is not an endpoint of it, not of one of its ports, or an unready one. Contains
 * codes and facts only; `explain/words` turns them into sentences.
 */
export type SkippedPod = {
  /** `namespace/name` */
  readonly pod: string;
  /** The Service port that lacks the pod; undefined: all ports. */
  readonly portName?: string;
} & SkipReason;

export type SkipReason =
  | { readonly reason: 'finished'; readonly phase: string }
  | { readonly reason: 'no-address' }
  | { readonly reason: 'no-address-of-family'; readonly family: IpFamily; readonly podIPs: readonly string[] }
  /** Without `nodeName` the pod is on no node. */
  | { readonly reason: 'node-missing'; readonly nodeName?: string }
  | {
      readonly reason: 'port-name-missing';
      readonly portName: string;
      readonly protocol: Protocol;
      /** The name that the Service's targetPort asks for. */
      readonly wanted: string;
      /** The named ports that the pod has. */
      readonly declared: readonly DeclaredPort[];
    }
  /** The pod is an endpoint, but gets no traffic. `message` is that of the pod's Ready condition. */
  | { readonly reason: 'not-ready'; readonly message?: string };

export interface DeclaredPort {
  readonly name: string;
  readonly containerPort: number;
  readonly protocol: Protocol;
}

export function finished(pod: Pod): SkippedPod {
  return { pod: keyOf(pod.meta), reason: 'finished', phase: pod.status.phase };
}

export function withoutAddress(pod: Pod): SkippedPod {
  return { pod: keyOf(pod.meta), reason: 'no-address' };
}

export function withoutAddressOf(family: IpFamily, pod: Pod): SkippedPod {
  return { pod: keyOf(pod.meta), reason: 'no-address-of-family', family, podIPs: pod.status.podIPs };
}

export function onMissingNode(pod: Pod): SkippedPod {
  const { nodeName } = pod.spec;
  return { pod: keyOf(pod.meta), reason: 'node-missing', ...(nodeName === undefined ? {} : { nodeName }) };
}

export function withoutPort(port: ServicePort, pod: Pod): SkippedPod {
  const declared = nameablePorts(pod).filter(candidate => candidate.name !== '');
  return {
    pod: keyOf(pod.meta),
    reason: 'port-name-missing',
    portName: port.name,
    protocol: port.protocol,
    wanted: String(port.targetPort),
    declared: declared.map(({ name, containerPort, protocol }) => ({ name, containerPort, protocol })),
  };
}

export function notReady(pod: Pod): SkippedPod {
  const message = pod.status.conditions.find(condition => condition.type === 'Ready')?.message;
  return {
    pod: keyOf(pod.meta),
    reason: 'not-ready',
    ...(message === undefined || message === '' ? {} : { message }),
  };
}
