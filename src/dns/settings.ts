import type { ObjectKey } from '../kube/objects.ts';
import type { Protocol } from '../kube/protocol.ts';

export type PodMode = 'disabled' | 'insecure' | 'verified';

/** Where a Service port is dialled on this machine, in place of its cluster IP. */
export interface ServiceListener {
  /** Canonical. */
  readonly address: string;
  readonly port: number;
  /** As the Service names it; `''` without a name. */
  readonly portName: string;
  readonly protocol: Protocol;
}

/** What is answered; see docs/dns.md. */
export interface DnsSettings {
  /** Forward and reverse zones that are ours alone. */
  readonly zones: readonly string[];
  /** Seconds, 0 to 3600. */
  readonly ttl: number;
  readonly pods: PodMode;
  /** Only these namespaces exist; undefined: all. */
  readonly namespaces?: readonly string[];
  /** A Service with a cluster IP and no ready endpoint has no name. */
  readonly ignoreEmptyServices: boolean;
  /** Endpoints without a hostname are named after their pod. */
  readonly endpointPodNames: boolean;
  /** What `ns.dns.ZONE` leads to, canonical. */
  readonly serverAddresses: readonly string[];
  /** On a laptop: where a Service listens now. undefined: answers give cluster IPs, as in a cluster. */
  readonly listenersOf?: (service: ObjectKey) => readonly ServiceListener[];
}

export const DEFAULT_SETTINGS: DnsSettings = {
  zones: [],
  // Short, for the sake of names that are asked a second before their manifest is saved.
  ttl: 5,
  // The pods are known anyhow; answering for any address at all would let a certificate be had for it.
  pods: 'verified',
  ignoreEmptyServices: false,
  endpointPodNames: false,
  serverAddresses: [],
};
