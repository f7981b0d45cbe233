/**
 * A scenario: objects, and what dials meet while they hold. Data only, so that the pure engine, the planes and
 * A scenario: objects, and the outcomes of dials while they exist. Data only, so that the pure engine, the planes and
 * kube-proxy itself run the same scenarios.
 * @module
 */
import type { KubernetesVersion } from '../../../testing/control-plane/index.ts';

export const PLANES = ['engine', 'kubeProxy', 'nftables', 'agent', 'userspace'] as const;
export type PlaneName = (typeof PLANES)[number];

/** An object as in a manifest, without its namespace: every scenario has its own. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: 'Service' | 'EndpointSlice';
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly creationTimestamp?: string;
  };
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
  readonly addressType?: string;
  readonly ports?: readonly unknown[];
  readonly endpoints?: readonly unknown[];
}

/** How the node under test is configured. */
export interface Profile {
  readonly zone: string;
  /** How pods are distinguished from other sources; `none`: they are not. */
  readonly detector: 'clusterCIDR' | 'nodeCIDR' | 'interfacePrefix' | 'none';
  readonly masqueradeAll: boolean;
  readonly nodePortAddresses: 'primary' | readonly string[];
}

const STANDARD: Profile = {
  zone: 'zone-a',
  detector: 'clusterCIDR',
  masqueradeAll: false,
  nodePortAddresses: 'primary',
};

export const PROFILES = {
  standard: STANDARD,
  masqueradeAll: { ...STANDARD, masqueradeAll: true },
  noDetector: { ...STANDARD, detector: 'none' },
  nodeCIDR: { ...STANDARD, detector: 'nodeCIDR' },
  interfacePrefix: { ...STANDARD, detector: 'interfacePrefix' },
  nodePortsEverywhere: { ...STANDARD, nodePortAddresses: ['0.0.0.0/0', '::/0'] },
  nodePortRange: { ...STANDARD, nodePortAddresses: ['192.0.2.2/32'] },
} as const satisfies Record<string, Profile>;
export type ProfileName = keyof typeof PROFILES;

/** The source that an endpoint sees: the client's, the node's, or the node's if the client is that endpoint itself. */
export type Source = 'kept' | 'node' | 'hairpin';

export type Expected =
  /** `a1:8080`: a host of the lab and the dialled port. Each endpoint is chosen at times, and no other one. */
  | { readonly endpoints: readonly string[]; readonly source: Source }
  /** Refused immediately. */
  | 'reject'
  /** Silence. */
  | 'drop'
  /** Left alone: the packet reaches the host that has the address. */
  | 'none';

export interface ScenarioDial {
  /** A host of the lab. */
  readonly from: string;
  /** One of its addresses; default: the primary one. */
  readonly source?: string;
  readonly to: string;
  readonly port: number;
  readonly protocol: 'TCP' | 'UDP';
  readonly expect: Expected;
  /** All dials of this name in the scenario, and repetitions of this one, reach the same endpoint. */
  readonly sticky?: string;
  /** All dials of this name use the same connection or UDP socket. */
  readonly flow?: string;
  /** The dial continues an existing connection, which routes do not affect. */
  readonly established?: boolean;
}

export interface Step {
  readonly set?: readonly Manifest[];
  readonly delete?: readonly { readonly kind: Manifest['kind']; readonly name: string }[];
  readonly dials: readonly ScenarioDial[];
}

/** Why a plane differs on purpose, or cannot take part. */
export interface Exception {
  readonly why: string;
  /** The plane differs only at times, by chance. */
  readonly sometimes?: true;
  /** The versions of Kubernetes to which it applies; default: all. */
  readonly kubernetes?: readonly KubernetesVersion[];
}

export interface Scenario {
  /** `4.5-local-pod-short-cut`: the number of the rule, and a keyword. */
  readonly id: string;
  /** A sentence in a user's terms. */
  readonly name: string;
  readonly profile: ProfileName;
  readonly steps: readonly Step[];
  readonly except: Partial<Readonly<Record<PlaneName, Exception>>>;
}

/** Addresses and ports that no other scenario uses. */
export interface Places {
  readonly clusterIP: string;
  readonly clusterIPb: string;
  readonly clusterIPc: string;
  readonly clusterIP6: string;
  /** Inside the cluster's service range, but not assigned to a Service. */
  readonly unclaimed: string;
  readonly unclaimed6: string;
  readonly lb: string;
  readonly lbB: string;
  readonly lb6: string;
  readonly external: string;
  readonly external6: string;
  readonly nodePort: number;
  readonly nodePortB: number;
}

export function placesOf(index: number): Places {
  if (index < 1 || index > 250) throw new Error(`there are no places for scenario ${index}`);
  const six = (block: number): string => (block * 0x1000 + index).toString(16);
  return {
    clusterIP: `10.96.1.${index}`,
    clusterIPb: `10.96.2.${index}`,
    clusterIPc: `10.96.3.${index}`,
    clusterIP6: `fd00:96::${six(1)}`,
    unclaimed: `10.96.4.${index}`,
    unclaimed6: `fd00:96::${six(2)}`,
    lb: `198.18.1.${index}`,
    lbB: `198.18.2.${index}`,
    lb6: `fd00:113::${six(1)}`,
    external: `198.18.3.${index}`,
    external6: `fd00:113::${six(2)}`,
    nodePort: 30_000 + index,
    nodePortB: 30_500 + index,
  };
}

/** Cluster-wide facts that the scenarios depend on. */
export const CLUSTER = {
  clusterCIDRs: ['10.180.0.0/16', 'fd00:180::/48'],
  serviceCIDRs: ['10.96.0.0/16', 'fd00:96::/112'],
  interfacePrefix: 'pod-',
} as const;
