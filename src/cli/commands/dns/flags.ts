import type { ForwardFlag, InputFlags } from '../../options.ts';

export interface DnsFlags extends InputFlags {
  readonly listen: readonly string[];
  readonly addresses: 'cluster' | 'local';
  readonly ttl: number;
  readonly pods: 'disabled' | 'insecure' | 'verified';
  readonly zone: readonly string[];
  readonly namespaces?: readonly string[];
  readonly ignoreEmptyServices: boolean;
  readonly endpointPodNames: boolean;
  readonly serverAddress: readonly string[];
  readonly sockets: number;
  readonly metrics?: string;
  readonly forward: ForwardFlag;
}
