/**
 * Kinds that routing does not use, cut down to what rules need. Readers skip invalid values without a report, since the
 * kinds' own controllers validate them.
 *
 * @module
 */
import { Field, Report } from '../../kube/read/index.ts';

export {
  type BackendRef,
  GATEWAY_ROUTES,
  type ReferenceGrant,
  readGatewayRoute,
  readReferenceGrant,
} from './gateway-route.ts';
export { type IngressBackend, readIngress } from './ingress.ts';
export { type LabelSelector, matches } from './label-selector.ts';
export { type NetworkPolicy, type PolicyPort, type PolicyRule, readNetworkPolicy } from './network-policy.ts';
export { type OtherTemplate, readOtherTemplate } from './pod-template.ts';
export {
  readServiceMonitor,
  readServiceReferences,
  type ServiceMonitor,
  type ServiceReference,
} from './service-reference.ts';

/** Typed access to an unparsed value. */
export function rawField(value: unknown, path = ''): Field {
  return new Field(value, path, new Report());
}

/** The raw value at a path of names: `rawAt(value, 'spec', 'template')`. */
export function rawAt(value: unknown, ...path: readonly (string | number)[]): unknown {
  let at = value;
  for (const step of path) {
    if (Array.isArray(at)) at = at[Number(step)];
    else if (typeof at === 'object' && at !== null) at = Object.getOwnPropertyDescriptor(at, step)?.value;
    else return undefined;
  }
  return at;
}
