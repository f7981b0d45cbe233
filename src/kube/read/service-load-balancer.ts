import { type Cidr, canonicalAddress } from '../../net/index.ts';
import type { LoadBalancerIngress, ServiceType } from '../objects.ts';
import { readCidr, readUnambiguousCidr } from './addresses.ts';
import type { Field } from './field.ts';
import { qualifiedNameProblem } from './grammar.ts';
import { shown } from './wording.ts';

const SOURCE_RANGES_ANNOTATION = 'service.beta.kubernetes.io/load-balancer-source-ranges';
const ONLY_LOAD_BALANCER = 'only a Service of type LoadBalancer may have this field';

/**
 * Reads the field. If it is empty, validates the older annotation as the API does, but does not use it: no proxy does.
 */
export function readSourceRanges(root: Field, type: ServiceType | undefined): readonly Cidr[] {
  const field = root.child('spec').child('loadBalancerSourceRanges');
  const items = field.items();
  if (items.length === 0) {
    checkAnnotation(root.child('metadata').child('annotations'), type);
    return [];
  }
  if (type !== 'LoadBalancer') field.fault(ONLY_LOAD_BALANCER, 'remove it, or write type: LoadBalancer');
  return items.flatMap(item => {
    const text = item.string();
    if (!item.isText) return [];
    return readUnambiguousCidr(item, text ?? '') ?? [];
  });
}

function checkAnnotation(annotations: Field, type: ServiceType | undefined): void {
  const child = annotations.child(SOURCE_RANGES_ANNOTATION);
  if (!child.isSet || !child.isText) return;
  const text = child.string() ?? '';
  const field = annotations.keyed(SOURCE_RANGES_ANNOTATION, text);
  if (type !== 'LoadBalancer') field.fault(ONLY_LOAD_BALANCER, 'remove the annotation, or write type: LoadBalancer');
  if (text.trim() === '') return;
  for (const range of text.split(',')) readCidr(field, range.trim());
  field.note('no proxy reads this annotation', 'write spec.loadBalancerSourceRanges instead');
}

/** loadBalancerClass and allocateLoadBalancerNodePorts: Switchboard does not use them, but the API rejects them on other types. */
export function rejectLoadBalancerFields(spec: Field, type: ServiceType | undefined): void {
  const loadBalancerClass = spec.child('loadBalancerClass');
  const text = loadBalancerClass.string();
  if (text !== undefined && type === 'LoadBalancer') {
    const problem = qualifiedNameProblem(text);
    if (problem !== undefined) {
      loadBalancerClass.fault(`${shown(text)} ${problem}`, 'write a name such as example.com/internal, or remove it');
    }
  }
  const allocate = spec.child('allocateLoadBalancerNodePorts');
  allocate.boolean();
  if (type === 'LoadBalancer') return;
  for (const field of [loadBalancerClass, allocate]) {
    if (field.isSet) field.fault(ONLY_LOAD_BALANCER, `remove ${field.name}, or write type: LoadBalancer`);
  }
}

/**
 * Reads the load balancer's addresses. The API drops the status on create, so invalid values in it get a note, are
 * ignored, and do not reject the Service.
 */
export function readLoadBalancerIngress(field: Field): readonly LoadBalancerIngress[] {
  return field.items().flatMap(item => {
    const ipField = item.child('ip');
    const text = ipField.text();
    const ip = text === undefined ? undefined : canonicalAddress(text);
    if (text !== undefined && ip === undefined)
      ipField.note(`${shown(text)} is not an IP address and is ignored`, 'write an IPv4 or IPv6 address');
    const hostname = item.child('hostname').text();
    if (ip === undefined && hostname === undefined) return [];
    return {
      ...(ip === undefined ? {} : { ip }),
      ...(hostname === undefined ? {} : { hostname }),
      ipMode: item.child('ipMode').string() === 'Proxy' ? 'Proxy' : 'VIP',
    };
  });
}
