import type { Pod, ServicePort } from '../kube/objects.ts';
import { keyOf } from '../kube/objects.ts';
import type { IpFamily } from '../kube/protocol.ts';
import { nameablePorts } from './target-port.ts';

/** Why a pod that a Service selects is no endpoint of it, or not of one of its ports, or one that gets no traffic. */
export type OmissionReason =
  | 'finished'
  | 'no-address'
  | 'no-address-of-family'
  | 'node-missing'
  | 'port-name-missing'
  | 'not-ready';

export interface Omission {
  /** `namespace/name` */
  readonly pod: string;
  readonly reason: OmissionReason;
  /** The Service port that is missing; undefined: all of them. */
  readonly portName?: string;
  readonly why: string;
  readonly fix: string;
  /** The name that targetPort could be set to, where that would mend it. */
  readonly targetPort?: string;
}

export function finished(pod: Pod): Omission {
  return {
    pod: keyOf(pod.meta),
    reason: 'finished',
    why: `ended (phase ${pod.status.phase})`,
    fix: 'start it again, or delete it',
  };
}

export function withoutAddress(pod: Pod): Omission {
  return {
    pod: keyOf(pod.meta),
    reason: 'no-address',
    why: 'no address (status.podIP)',
    fix: `run it here with --run, or say where it listens: --pod ${keyOf(pod.meta)}=127.0.0.1:PORT`,
  };
}

export function withoutAddressOf(family: IpFamily, pod: Pod): Omission {
  return {
    pod: keyOf(pod.meta),
    reason: 'no-address-of-family',
    why: `no ${family} address (status.podIPs: ${pod.status.podIPs.join(', ')})`,
    fix: `give the pod an ${family} address, or leave ${family} out of the Service's ipFamilies`,
  };
}

export function onMissingNode(pod: Pod): Omission {
  const node = pod.spec.nodeName;
  return {
    pod: keyOf(pod.meta),
    reason: 'node-missing',
    why: node === undefined ? 'on no node' : `on node "${node}", which does not exist`,
    fix: node === undefined ? 'set spec.nodeName' : `add the Node "${node}" to the inputs, or correct spec.nodeName`,
  };
}

export function withoutPort(port: ServicePort, pod: Pod): Omission {
  const declared = nameablePorts(pod).filter(candidate => candidate.name !== '');
  const otherProtocol = declared.find(candidate => candidate.name === port.targetPort);
  const names = declared.map(p => `"${p.name}" (${p.containerPort}/${p.protocol})`).join(', ');
  return {
    pod: keyOf(pod.meta),
    ...(otherProtocol === undefined && declared[0] !== undefined ? { targetPort: declared[0].name } : {}),
    reason: 'port-name-missing',
    portName: port.name,
    why:
      otherProtocol === undefined
        ? `no ${port.protocol} port called "${port.targetPort}"; it has ${names === '' ? 'no named ports' : names}`
        : `its port "${port.targetPort}" is for ${otherProtocol.protocol}, and the Service asks for ${port.protocol}`,
    fix:
      otherProtocol === undefined
        ? declared[0] === undefined
          ? `give a container port the name "${port.targetPort}", or set targetPort to a number`
          : `set targetPort: ${declared[0].name}, or name the container port "${port.targetPort}"`
        : `set protocol: ${otherProtocol.protocol} on the Service port, or ${port.protocol} on the container port`,
  };
}

/** An endpoint all the same, without traffic; the pod's Ready condition may say why. */
export function notReady(pod: Pod): Omission {
  const message = pod.status.conditions.find(condition => condition.type === 'Ready')?.message;
  return {
    pod: keyOf(pod.meta),
    reason: 'not-ready',
    why: message === undefined || message === '' ? 'not ready' : `not ready, ${message}`,
    fix: 'see what the pod says, and its readinessProbe',
  };
}
