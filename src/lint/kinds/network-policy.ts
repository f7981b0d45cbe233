import type { Field } from '../../kube/read/index.ts';
import type { Protocol } from '../../net/index.ts';
import { type LabelSelector, readLabelSelector } from './label-selector.ts';

export interface PolicyPort {
  readonly protocol: Protocol;
  /** undefined: every port of the protocol. */
  readonly port: number | string | undefined;
  readonly endPort: number | undefined;
  readonly field: string;
}

export interface PolicyPeer {
  readonly pods: LabelSelector | undefined;
  readonly namespaces: LabelSelector | undefined;
  readonly cidr: string | undefined;
}

/** Empty lists mean every port and every peer. */
export interface PolicyRule {
  readonly ports: readonly PolicyPort[];
  readonly peers: readonly PolicyPeer[];
  readonly field: string;
}

export interface NetworkPolicy {
  readonly pods: LabelSelector;
  /** undefined: the policy does not apply to that direction; `[]`: it allows nothing. */
  readonly ingress: readonly PolicyRule[] | undefined;
  readonly egress: readonly PolicyRule[] | undefined;
}

export function readNetworkPolicy(root: Field): NetworkPolicy {
  const spec = root.child('spec');
  const types = spec.child('policyTypes').strings();
  const hasEgress = spec.child('egress').isSet;
  const egress = types.includes('Egress') || (types.length === 0 && hasEgress);
  const ingress = types.length === 0 || types.includes('Ingress');
  return {
    pods: readLabelSelector(spec.child('podSelector')),
    ingress: ingress ? readRules(spec.child('ingress'), 'from') : undefined,
    egress: egress ? readRules(spec.child('egress'), 'to') : undefined,
  };
}

function readRules(field: Field, peers: 'from' | 'to'): PolicyRule[] {
  return field.items().map(rule => ({
    ports: rule.child('ports').items().map(readPort),
    peers: rule.child(peers).items().map(readPeer),
    field: rule.path,
  }));
}

function readPort(field: Field): PolicyPort {
  const protocol = field.child('protocol').text();
  return {
    protocol: protocol === 'UDP' || protocol === 'SCTP' ? protocol : 'TCP',
    port: field.child('port').integerOrString(),
    endPort: field.child('endPort').integer(),
    field: field.child('port').path,
  };
}

function readPeer(field: Field): PolicyPeer {
  const pods = field.child('podSelector');
  const namespaces = field.child('namespaceSelector');
  return {
    pods: pods.isSet ? readLabelSelector(pods) : undefined,
    namespaces: namespaces.isSet ? readLabelSelector(namespaces) : undefined,
    cidr: field.child('ipBlock').child('cidr').text(),
  };
}
