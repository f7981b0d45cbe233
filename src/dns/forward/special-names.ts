import { endsWith, type Labels, parseName } from '../names/name.ts';

/** Why a query for a name is not forwarded. */
export type NeverForwarded =
  /** In one of our zones. */
  | 'own'
  /** This machine: 127.0.0.1 and ::1 (RFC 6761, 6.3). */
  | 'localhost'
  /** Never exists: NXDOMAIN (RFC 6761, 6.4). */
  | 'invalid'
  /** For tests only: NXDOMAIN (RFC 6761, 6.2). */
  | 'test'
  /** Belongs to multicast DNS: NXDOMAIN (RFC 6762, 3). */
  | 'local'
  /** Reverse names of private addresses, of which public servers know nothing: NXDOMAIN (RFC 6303). */
  | 'private-reverse';

export interface NamePolicy {
  /** False if there are no upstreams; this server then answers private reverse names itself. */
  readonly forwarding: boolean;
  /** They take precedence over special names: a cluster domain may be below `local.` or `test.`. */
  readonly ownZones: readonly Labels[];
  /** Zones whose upstream the user has named, the root for all names. They are forwarded even below `test.`. */
  readonly forwardedZones?: readonly Labels[];
}

/** @returns undefined if queries for the name may be forwarded */
export function neverForwarded(name: Labels, policy: NamePolicy): NeverForwarded | undefined {
  if (policy.ownZones.some(zone => endsWith(name, zone))) return 'own';
  // Even if the user has named an upstream for it: it always means this machine.
  if (endsWith(name, ['localhost'])) return 'localhost';
  if (policy.forwardedZones?.some(zone => endsWith(name, zone)) === true) return undefined;
  for (const zone of ['invalid', 'test', 'local'] as const) if (name.at(-1) === zone) return zone;
  if (!policy.forwarding && PRIVATE_REVERSE_ZONES.some(zone => endsWith(name, zone))) return 'private-reverse';
  return undefined;
}

function numbers(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** IANA's locally served zones: RFC 6303 (4.2 to 4.6), and RFC 7793 for 100.64.0.0/10. */
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
