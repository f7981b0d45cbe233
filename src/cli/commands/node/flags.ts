import type { ForwardFlag } from '../../options.ts';

export interface NodeFlags {
  readonly config?: string;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  readonly force: boolean;
  readonly initOnly: boolean;
  /** `address:port` */
  readonly dns: readonly string[];
  readonly clusterDomain: string;
  /** Seconds. */
  readonly dnsTtl: number;
  readonly dnsForward: ForwardFlag;
  readonly dnsPods: 'disabled' | 'insecure' | 'verified';
  /** Dotted field of kube-proxy's configuration -> value, of the flags that were given. */
  readonly fields: ReadonlyMap<string, unknown>;
}
