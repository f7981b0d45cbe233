import type { ContainerPort, Pod, ServicePort } from '../kube/index.ts';
import { pinnedPort } from './pins.ts';

/**
 * The container ports that a named targetPort can refer to, in lookup order: those of containers, then of sidecars (init
 * containers with restartPolicy: Always). Other init containers and ephemeral containers never serve (Kubernetes
 * `podutil.FindPort`, KEP-753).
 */
export function nameablePorts(pod: Pod): ContainerPort[] {
  const sidecars = pod.spec.initContainers.filter(container => container.restartPolicy === 'Always');
  return [...pod.spec.containers, ...sidecars].flatMap(container => container.ports);
}

/**
 * Resolves the target port of a Service port in one pod. A number is used as it is, whether or not a container declares
 * it; a name refers to the first port with that name *and* protocol.
 *
 * @returns undefined if the pod has no port of the name
 */
export function resolveTargetPort(port: ServicePort, pod: Pod): number | undefined {
  const pinned = pinnedPort(pod);
  if (pinned !== undefined) return pinned;
  if (typeof port.targetPort === 'number') return port.targetPort;
  return nameablePorts(pod).find(
    candidate => candidate.name === port.targetPort && candidate.protocol === port.protocol,
  )?.containerPort;
}

/** The container of a pod that declares a port number, and the port's name; informational, as containerPort is. */
export function declaringContainer(
  pod: Pod,
  port: number,
  protocol: ContainerPort['protocol'],
): { readonly container: string; readonly portName: string } | undefined {
  const sidecars = pod.spec.initContainers.filter(container => container.restartPolicy === 'Always');
  for (const container of [...pod.spec.containers, ...sidecars]) {
    const found = container.ports.find(p => p.containerPort === port && p.protocol === protocol);
    if (found !== undefined) return { container: container.name, portName: found.name };
  }
  return undefined;
}
