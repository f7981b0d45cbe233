import type { InputFlags } from '../../options.ts';

export interface RunFlags extends InputFlags {
  readonly mode: 'auto' | 'network' | 'proxy';
  readonly need: readonly string[];
  readonly wait: number;
  readonly grace: number;
  readonly pod: readonly string[];
  readonly endpoint: readonly string[];
  readonly balance: 'least-connections' | 'round-robin' | 'random';
  readonly clusterDomain: string;
  readonly logs: boolean;
  readonly logFile?: string;
  readonly quiet: boolean;
  readonly outside: boolean;
}
