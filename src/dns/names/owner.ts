import type { EndpointRecord, PortRecord, ServiceRecords } from '../directory/service-records.ts';
import type { LabelAddress } from './address-label.ts';
import type { Zone } from './zones.ts';

/** A name that exists, and what it is the name of. Which records it owns is said in `records/`, one file a type. */
export type Owner =
  /** A zone itself. */
  | { readonly kind: 'apex'; readonly zone: Zone }
  /** Owns nothing; something below it does (an empty non-terminal, RFC 8020). */
  | { readonly kind: 'empty' }
  /** `ns.dns.ZONE` */
  | { readonly kind: 'server' }
  /** `dns-version.ZONE` */
  | { readonly kind: 'version' }
  | { readonly kind: 'service'; readonly records: ServiceRecords }
  | { readonly kind: 'alias'; readonly records: ServiceRecords }
  | { readonly kind: 'endpoint'; readonly records: ServiceRecords; readonly endpoints: readonly EndpointRecord[] }
  | { readonly kind: 'port'; readonly records: ServiceRecords; readonly matches: (port: PortRecord) => boolean }
  | { readonly kind: 'pod'; readonly address: LabelAddress }
  /** A reverse name; `targets` without the root's dot. */
  | { readonly kind: 'pointer'; readonly targets: readonly string[] }
  /** This machine (RFC 6761, 6.3). */
  | { readonly kind: 'localhost' };
