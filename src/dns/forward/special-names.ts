import { endsWith, type Labels, parseName } from '../names/name.ts';

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
  /** They win over the special names: a cluster domain may lie in `local.` or `test.`. */
  readonly ownZones: readonly Labels[];
  /** Zones whose upstream the user has named, the root for all: they are forwarded even below `test.` or `local.`. */
  readonly forwardedZones?: readonly Labels[];
}

/** @returns why a name stays here; undefined if upstreams may be asked */
export function neverForwarded(name: Labels, policy: NamePolicy): NeverForwarded | undefined {
  if (policy.ownZones.some(zone => endsWith(name, zone))) return 'own';
  // Whatever the user has named: this machine is no other's to tell of.
  if (endsWith(name, ['localhost'])) return 'localhost';
  if (policy.forwardedZones?.some(zone => endsWith(name, zone)) === true) return undefined;
  for (const zone of ['invalid', 'test', 'local'] as const) if (name.at(-1) === zone) return zone;
  if (!policy.forwarding && PRIVATE_REVERSE_ZONES.some(zone => endsWith(name, zone))) return 'private-reverse';
  return undefined;
}

function numbers(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** IANA's registry of locally-served zones: RFC 6303 (4.2 to 4.6), and RFC 7793 for 100.64.0.0/10. */
const PRIVATE_REVERSE_ZONES: readonly Labels[] = [
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
].map(parseName);
