import type { Service, ServiceType, TrafficDistribution, TrafficPolicy } from '../objects.ts';
import { readChoice, readChoiceOr } from './enums.ts';
import type { Field } from './field.ts';
import { requirePort } from './numbers.ts';
import { shown } from './wording.ts';

const TRAFFIC_POLICIES = ['Cluster', 'Local'] as const;
const DISTRIBUTIONS: readonly TrafficDistribution[] = ['PreferClose', 'PreferSameZone', 'PreferSameNode'];
const AFFINITY_DEFAULT_SECONDS = 10_800;
const AFFINITY_MAX_SECONDS = 86_400;

/** Seconds of ClientIP affinity, or undefined where there is none. */
export function readAffinity(spec: Field): number | undefined {
  const affinity = readChoiceOr(spec.child('sessionAffinity'), ['None', 'ClientIP'], 'None');
  const config = spec.child('sessionAffinityConfig');
  const field = config.child('clientIP').child('timeoutSeconds');
  const seconds = field.integer();
  if (affinity !== 'ClientIP') {
    if (affinity === 'None' && config.isSet) {
      config.note('it means nothing while sessionAffinity is None', 'write sessionAffinity: ClientIP, or remove it');
    }
    return undefined;
  }
  if (seconds !== undefined && (seconds < 1 || seconds > AFFINITY_MAX_SECONDS)) {
    field.fault(
      `${seconds} seconds is out of range`,
      `write 1 to ${AFFINITY_MAX_SECONDS}, or leave it out for 3 hours`,
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
    // An alias in DNS has no traffic to send anywhere, and the API drops the policy.
    internalTrafficPolicy: reach.type === 'ExternalName' ? 'Cluster' : internal,
    externalTrafficPolicy: readExternalPolicy(spec.child('externalTrafficPolicy'), reach),
    ...(distribution === undefined ? {} : { trafficDistribution: distribution }),
  };
}

/** Only what can be reached from outside may say how: node ports, load balancers, external IPs. */
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
      `${shown(text)} has no meaning on a Service that cannot be reached from outside`,
      'remove it, or write type: NodePort or type: LoadBalancer',
    );
  }
  return 'Cluster';
}

/** The port on which a load balancer asks a node whether it has endpoints of its own. */
export function readHealthCheckNodePort(spec: Field, type: ServiceType | undefined): number | undefined {
  const field = spec.child('healthCheckNodePort');
  const port = field.integer();
  if (port === undefined || port === 0) return undefined;
  if (type !== 'LoadBalancer' || spec.child('externalTrafficPolicy').string() !== 'Local') {
    field.fault(
      `${port} has a meaning only with type: LoadBalancer and externalTrafficPolicy: Local`,
      'remove healthCheckNodePort, or write these two',
    );
    return undefined;
  }
  requirePort(field, port);
  return port;
}
