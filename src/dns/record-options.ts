import type { ObjectKey } from '../kube/index.ts';
import type { Protocol } from '../net/index.ts';

export type PodMode = 'disabled' | 'insecure' | 'verified';

/** Where a Service port listens on this machine, in place of its cluster IP. */
export interface ServiceListener {
  /** Canonical. */
  readonly address: string;
  readonly port: number;
  /** The port's name in the Service; `''` if it has none. */
  readonly portName: string;
  readonly protocol: Protocol;
}

/** Which records there are; see docs/dns.md. */
export interface RecordOptions {
  /** Forward and reverse zones that this server is authoritative for. */
  readonly zones: readonly string[];
  /** Seconds, 0 to 3600. */
  readonly ttl: number;
  readonly pods: PodMode;
  /** The namespaces to serve; undefined: all. */
  readonly namespaces?: readonly string[];
  /** Names of Services with a cluster IP but no ready endpoint do not exist. */
  readonly ignoreEmptyServices: boolean;
  /** Endpoints without a hostname get the name of their pod. */
  readonly endpointPodNames: boolean;
  /** The addresses of `ns.dns.ZONE`, canonical. */
  readonly serverAddresses: readonly string[];
  /** The address at which clients of this server reach an endpoint; default: the endpoint's own. */
  readonly reachedAt?: (address: string) => string;
  /** Where a Service listens on a laptop; undefined answers with cluster IPs, as in a cluster. */
  readonly listenersOf?: (service: ObjectKey) => readonly ServiceListener[];
}

export const DEFAULT_RECORD_OPTIONS: RecordOptions = {
  zones: [],
  // Short, because a client may ask a second before the manifest is saved.
  ttl: 5,
  // The pods are known anyway. Answering for every address would allow certificates for foreign addresses.
  pods: 'verified',
  ignoreEmptyServices: false,
  endpointPodNames: false,
  serverAddresses: [],
};
