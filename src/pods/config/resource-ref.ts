import {
  type Container,
  divideQuantity,
  type Pod,
  parseQuantity,
  type Quantity,
  type ResourceReference,
} from '../../kube/index.ts';

/** What the machine has for all pods together: the value of a limit that a container does not set. */
export interface NodeResources {
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly diskBytes: number;
}

/**
 * The value of a `resourceFieldRef`: rounded up, in units of the divisor. A missing limit is what the machine has; a missing
 * request is the limit, and 0 without one.
 *
 * @returns undefined if the pod has no container of that name
 */
export function resourceValue(
  reference: ResourceReference,
  own: Container | undefined,
  pod: Pod,
  node: NodeResources,
): string | undefined {
  const { containerName } = reference;
  const all = [...pod.spec.containers, ...pod.spec.initContainers];
  const container = containerName === undefined ? own : all.find(({ name }) => name === containerName);
  if (container === undefined) return undefined;
  const [list, ...rest] = reference.resource.split('.');
  const resource = rest.join('.');
  const limit = container.run?.limits[resource];
  const amount =
    list === 'limits' ? (limit ?? allocatable(resource, node)) : (container.run?.requests[resource] ?? limit);
  if (amount === undefined) return '0';
  const divisor = reference.divisor === '0' ? parseQuantity('1') : reference.divisor;
  return divisor === undefined ? undefined : String(divideQuantity(amount, divisor));
}

function allocatable(resource: string, node: NodeResources): Quantity | undefined {
  switch (resource) {
    case 'cpu':
      return parseQuantity(String(node.cpus));
    case 'memory':
      return parseQuantity(String(node.memoryBytes));
    case 'ephemeral-storage':
      return parseQuantity(String(node.diskBytes));
    default:
      return undefined;
  }
}
