import type { ForwardFlag, InputFlags, NftablesFlags, OutputFlags } from '../../options.ts';

export interface UpFlags extends InputFlags, OutputFlags, NftablesFlags {
  readonly plane: 'userspace' | 'nftables';
  readonly dryRun: boolean;
  readonly force: boolean;
  readonly setSysctls: boolean;
  readonly run: boolean;
  readonly balance: 'least-connections' | 'round-robin' | 'random';
  readonly addresses?: 'per-service' | 'shared';
  readonly listen?: string;
  readonly pod: readonly string[];
  readonly endpoint: readonly string[];
  readonly connectTimeout: number;
  readonly drain: number;
  readonly logs: boolean;
  readonly logFile?: string;
  readonly watch: boolean;
  /** Where DNS is answered. false: --no-dns. undefined: neither was given, so where it can be. */
  readonly dns?: readonly string[] | false;
  readonly dnsForward: ForwardFlag;
  readonly clusterDomain: string;
}
