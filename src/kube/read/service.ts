import type { ReadOptions } from '../fault.ts';
import { ANNOTATION_TOLERATE_UNREADY } from '../names.ts';
import type { Service, ServiceType } from '../objects.ts';
import { readChoiceOr } from './enums.ts';
import type { Field } from './field.ts';
import { dnsLabelProblem, startsWithLetter } from './grammar.ts';
import { OBJECT_FIELDS, SERVICE_SPEC_FIELDS } from './known-fields.ts';
import { readLabels, readMeta } from './meta.ts';
import { readClusterAddresses } from './service-families.ts';
import { readLoadBalancerIngress, readSourceRanges, rejectLoadBalancerFields } from './service-load-balancer.ts';
import { readAffinity, readHealthCheckNodePort, readTrafficPolicies } from './service-policies.ts';
import { readServicePorts } from './service-ports.ts';
import { readExternalIPs, readExternalName } from './service-reach.ts';
import { shown } from './wording.ts';

export const SERVICE_TYPES = ['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'] as const;

/** Reads a Service with the API's defaults and its validation on create. */
export function readService(root: Field, options: ReadOptions): Service {
  root.noteUnknownFields(OBJECT_FIELDS);
  const meta = readMeta(root.child('metadata'), options, { scope: 'namespaced', nameProblem: dnsLabelProblem });
  noteDigitFirst(root.child('metadata').child('name'), meta.name);
  agreeOnTopologyMode(root.child('metadata').child('annotations'), meta.annotations);

  const spec = root.child('spec');
  spec.noteUnknownFields(SERVICE_SPEC_FIELDS);
  // An unknown type has a fault; the other rules then treat it as none of the known types.
  const type = readType(spec.child('type'));
  const selector = readLabels(spec.child('selector'));
  const cluster = readClusterAddresses(spec, {
    type,
    primaryFamily: options.primaryFamily,
    allocated: meta.uid !== undefined,
    selectorless: Object.keys(selector ?? {}).length === 0,
  });
  const ports = readServicePorts(spec.child('ports'), { type, headless: cluster.headless });
  const externalIPs = readExternalIPs(spec.child('externalIPs'));
  const externalName = readExternalName(spec.child('externalName'), type);
  const affinityTimeoutSeconds = readAffinity(spec);
  const policies = readTrafficPolicies(spec, { type, externalIPs: spec.child('externalIPs').items().length > 0 });
  const healthCheckNodePort = readHealthCheckNodePort(spec, type);
  rejectLoadBalancerFields(spec, type);

  return {
    kind: 'Service',
    meta,
    type: type ?? 'ClusterIP',
    ...(selector === undefined ? {} : { selector }),
    ports,
    headless: cluster.headless,
    clusterIPs: cluster.clusterIPs,
    ipFamilies: cluster.ipFamilies,
    externalIPs,
    ...(externalName === undefined ? {} : { externalName }),
    ...(affinityTimeoutSeconds === undefined ? {} : { affinityTimeoutSeconds }),
    ...policies,
    ...(healthCheckNodePort === undefined ? {} : { healthCheckNodePort }),
    publishNotReadyAddresses:
      (spec.child('publishNotReadyAddresses').boolean() ?? false) ||
      meta.annotations[ANNOTATION_TOLERATE_UNREADY] === 'true',
    loadBalancerSourceRanges: readSourceRanges(root, type),
    loadBalancerIngress: readLoadBalancerIngress(root.child('status').child('loadBalancer').child('ingress')),
  };
}

function readType(field: Field): ServiceType | undefined {
  return readChoiceOr(field, SERVICE_TYPES, 'ClusterIP');
}

/**
 * Kubernetes 1.34 still requires an RFC 1035 name; KEP-5311 (RelaxedServiceNameValidation) allows RFC 1123 labels.
 * Nothing here depends on the difference, so this is a note.
 */
function noteDigitFirst(field: Field, name: string): void {
  if (name === '' || dnsLabelProblem(name) !== undefined || startsWithLetter(name)) return;
  field.note(
    `${shown(name)} starts with a digit; before Kubernetes 1.36 the API rejects such a Service`,
    'start the name with a letter if the manifest is also for such a cluster',
  );
}

const TOPOLOGY_MODE = 'service.kubernetes.io/topology-mode';
const TOPOLOGY_HINTS = 'service.kubernetes.io/topology-aware-hints';

function agreeOnTopologyMode(field: Field, annotations: Readonly<Record<string, string>>): void {
  const mode = annotations[TOPOLOGY_MODE];
  const hints = annotations[TOPOLOGY_HINTS];
  if (mode === undefined || hints === undefined || mode === hints) return;
  field
    .keyed(TOPOLOGY_MODE, mode)
    .fault(`${shown(mode)} differs from ${shown(hints)} in the older ${TOPOLOGY_HINTS}`, 'remove the older annotation');
}
