/**
 * A scenario: objects, and what dials meet while they hold. Data only, so that the pure engine, the planes and
 * kube-proxy itself are asked the same.
 *
 * @module
 */
import type { KubernetesVersion } from '../../../testing/control-plane/index.ts';

export const PLANES = ['engine', 'kubeProxy', 'nftables', 'agent', 'userspace'] as const;
export type PlaneName = (typeof PLANES)[number];

/** An object as a manifest has it, without its namespace: every scenario has one of its own. */
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

/** How the node under test is set up. */
export interface Profile {
  readonly zone: string;
  /** How pods are told from other sources; `none`: nobody tells them. */
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

/** Whose address an endpoint sees: the client's, the node's, or the node's if the client is that endpoint itself. */
export type Source = 'kept' | 'node' | 'hairpin';

export type Expected =
  /** `a1:8080`: a host of the lab, and the port it was reached on. Each is chosen at times, and nothing else. */
  | { readonly endpoints: readonly string[]; readonly source: Source }
  /** Refused at once. */
  | 'reject'
  /** Silence. */
  | 'drop'
  /** Left alone: it comes to whoever has the address. */
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
  /** All dials of this name in the scenario, this one repeated, end at one endpoint, whichever that is. */
  readonly sticky?: string;
  /** One connection or UDP socket of this name is used again and again. */
  readonly flow?: string;
  /** It goes on over a connection that was made before: routes have no say in it. */
  readonly established?: boolean;
}

export interface Step {
  readonly set?: readonly Manifest[];
  readonly delete?: readonly { readonly kind: Manifest['kind']; readonly name: string }[];
  readonly dials: readonly ScenarioDial[];
}

/** Why a plane answers otherwise on purpose, or cannot take part. */
export interface Exception {
  readonly why: string;
  /** It answers so at times only, by chance. */
  readonly sometimes?: true;
  /** The versions of Kubernetes of which it is true; left out: all. */
  readonly kubernetes?: readonly KubernetesVersion[];
}

export interface Scenario {
  /** `4.5-local-pod-short-cut`: the number of the rule, and a word for it. */
  readonly id: string;
  /** As its user would say it. */
  readonly name: string;
  readonly profile: ProfileName;
  readonly steps: readonly Step[];
  readonly except: Partial<Readonly<Record<PlaneName, Exception>>>;
}

/** Addresses and ports that no other scenario has. */
export interface Places {
  readonly clusterIP: string;
  readonly clusterIPb: string;
  readonly clusterIPc: string;
  readonly clusterIP6: string;
  /** Inside the cluster's service range, and no Service's. */
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
  if (index < 1 || index > 250) throw new Error(`no places for scenario ${index}`);
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

/** Cluster-wide facts that the scenarios rest on. */
export const CLUSTER = {
  clusterCIDRs: ['10.180.0.0/16', 'fd00:180::/48'],
  serviceCIDRs: ['10.96.0.0/16', 'fd00:96::/112'],
  interfacePrefix: 'pod-',
} as const;
