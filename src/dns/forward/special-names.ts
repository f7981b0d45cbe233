import { isWithin, lowerCased, nameOf } from './wire-name.ts';

/** Why a name is not asked of others. What to answer in place of them is the server's decision. */
export type NeverForwarded =
  /** A zone that this server answers for. */
  | 'own'
  /** This machine: 127.0.0.1 and ::1 (RFC 6761, 6.3). */
  | 'localhost'
  /** Never exists: NXDOMAIN (RFC 6761, 6.4). */
  | 'invalid'
  /** Of no meaning outside a machine: NXDOMAIN (RFC 6761, 6.2). */
  | 'test'
  /** Belongs to multicast DNS: NXDOMAIN (RFC 6762, 3). */
  | 'local'
  /** Reverse names of private addresses, which public servers have nothing to say of: NXDOMAIN (RFC 6303). */
  | 'private-reverse';

export interface NamePolicy {
  /** False: there is nobody to ask, so that private reverse names are answered here. */
  readonly forwarding: boolean;
  /** Wire form, small letters. They win over the special names: a cluster domain may lie in `local.` or `test.`. */
  readonly ownZones: readonly Uint8Array[];
  /** Zones that have an upstream of their own: somebody wants them asked, even in `local.`. Wire form, small letters. */
  readonly askedZones?: readonly Uint8Array[];
}

/**
 * Whether a name stays here.
 *
 * @param name - wire form, any case
 * @returns undefined if upstreams may be asked
 */
export function neverForwarded(name: Uint8Array, policy: NamePolicy): NeverForwarded | undefined {
  const lower = lowerCased(name);
  if (policy.ownZones.some(zone => isWithin(lower, zone))) return 'own';
  // An upstream for the root asks for nothing in particular.
  const asked = policy.askedZones?.some(zone => zone.length > 1 && isWithin(lower, zone)) ?? false;
  for (const { kind, zone, evenIfAsked } of SPECIAL_ZONES) {
    if ((evenIfAsked || !asked) && isWithin(lower, zone)) return kind;
  }
  if (!policy.forwarding && PRIVATE_REVERSE_ZONES.some(zone => isWithin(lower, zone))) return 'private-reverse';
  return undefined;
}

const SPECIAL_ZONES: readonly { kind: NeverForwarded; zone: Uint8Array; evenIfAsked: boolean }[] = [
  { kind: 'localhost', zone: nameOf('localhost'), evenIfAsked: true },
  { kind: 'invalid', zone: nameOf('invalid'), evenIfAsked: true },
  { kind: 'test', zone: nameOf('test'), evenIfAsked: false },
  { kind: 'local', zone: nameOf('local'), evenIfAsked: false },
];

function numbers(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** IANA's registry of locally-served zones: RFC 6303 (4.2 to 4.6), and RFC 7793 for 100.64.0.0/10. */
const PRIVATE_REVERSE_ZONES: readonly Uint8Array[] = [
  '10.in-addr.arpa',
  ...numbers(16, 31).map(second => `${second}.172.in-addr.arpa`),
  '168.192.in-addr.arpa',
  '0.in-addr.arpa',
  '127.in-addr.arpa',
  '254.169.in-addr.arpa',
  '2.0.192.in-addr.arpa',
  '100.51.198.in-addr.arpa',
  '113.0.203.in-addr.arpa',
  '255.255.255.255.in-addr.arpa',
  ...numbers(64, 127).map(second => `${second}.100.in-addr.arpa`),
  `${'0.'.repeat(32)}ip6.arpa`,
  `1.${'0.'.repeat(31)}ip6.arpa`,
  'd.f.ip6.arpa',
  ...['8', '9', 'a', 'b'].map(nibble => `${nibble}.e.f.ip6.arpa`),
  '8.b.d.0.1.0.0.2.ip6.arpa',
].map(nameOf);
