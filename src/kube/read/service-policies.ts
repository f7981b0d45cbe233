import type { Service, ServiceType, TrafficDistribution, TrafficPolicy } from '../objects.ts';
import { readChoice, readChoiceOr } from './enums.ts';
import type { Field } from './field.ts';
import { requirePort } from './numbers.ts';
import { shown } from './wording.ts';

const TRAFFIC_POLICIES = ['Cluster', 'Local'] as const;
const DISTRIBUTIONS: readonly TrafficDistribution[] = ['PreferClose', 'PreferSameZone', 'PreferSameNode'];
const AFFINITY_DEFAULT_SECONDS = 10_800;
const AFFINITY_MAX_SECONDS = 86_400;

/** Returns the timeout of ClientIP affinity in seconds, or undefined without affinity. */
export function readAffinity(spec: Field): number | undefined {
  const affinity = readChoiceOr(spec.child('sessionAffinity'), ['None', 'ClientIP'], 'None');
  const config = spec.child('sessionAffinityConfig');
  const field = config.child('clientIP').child('timeoutSeconds');
  const seconds = field.integer();
  if (affinity !== 'ClientIP') {
    if (affinity === 'None' && config.isSet) {
      config.note('it has no effect while sessionAffinity is None', 'write sessionAffinity: ClientIP, or remove it');
    }
    return undefined;
  }
  if (seconds !== undefined && (seconds < 1 || seconds > AFFINITY_MAX_SECONDS)) {
    field.fault(
      `${seconds} seconds is out of range`,
      `write 1 to ${AFFINITY_MAX_SECONDS}, or remove it for the default of 3 hours`,
    );
  }
  return seconds ?? AFFINITY_DEFAULT_SECONDS;
}

type Policies = Pick<Service, 'internalTrafficPolicy' | 'externalTrafficPolicy' | 'trafficDistribution'>;

export function readTrafficPolicies(
  spec: Field,
  reach: { readonly type: ServiceType | undefined; readonly externalIPs: boolean },
): Policies {
  const internal = readChoice(spec.child('internalTrafficPolicy'), TRAFFIC_POLICIES) ?? 'Cluster';
  const distribution = readChoice(spec.child('trafficDistribution'), DISTRIBUTIONS);
  return {
    // The API drops the policy of an ExternalName Service, which has no traffic.
    internalTrafficPolicy: reach.type === 'ExternalName' ? 'Cluster' : internal,
    externalTrafficPolicy: readExternalPolicy(spec.child('externalTrafficPolicy'), reach),
    ...(distribution === undefined ? {} : { trafficDistribution: distribution }),
  };
}

/** Only a Service with node ports, a load balancer or external IPs may have the policy. */
function readExternalPolicy(
  field: Field,
  reach: { readonly type: ServiceType | undefined; readonly externalIPs: boolean },
): TrafficPolicy {
  const reachable =
    reach.type === 'NodePort' || reach.type === 'LoadBalancer' || (reach.type === 'ClusterIP' && reach.externalIPs);
  if (reachable) return readChoiceOr(field, TRAFFIC_POLICIES, 'Cluster') ?? 'Cluster';
  const text = field.text();
  if (text !== undefined) {
    field.fault(
      `${shown(text)} is not allowed: the Service cannot be reached from outside`,
      'remove it, or write type: NodePort or type: LoadBalancer',
    );
  }
  return 'Cluster';
}

/** The port on which a load balancer checks whether a node has local endpoints. */
export function readHealthCheckNodePort(spec: Field, type: ServiceType | undefined): number | undefined {
  const field = spec.child('healthCheckNodePort');
  const port = field.integer();
  if (port === undefined || port === 0) return undefined;
  if (type !== 'LoadBalancer' || spec.child('externalTrafficPolicy').string() !== 'Local') {
    field.fault(
      `${port} is allowed only with type: LoadBalancer and externalTrafficPolicy: Local`,
      'remove healthCheckNodePort, or set both',
    );
    return undefined;
  }
  requirePort(field, port);
  return port;
}
