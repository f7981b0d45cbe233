import type { AgainstFlags, InputFlags, NodeFlags } from '../../options.ts';

export interface ExplainFlags extends InputFlags, AgainstFlags, NodeFlags {
  readonly output: 'text' | 'json';
  readonly teach: boolean;
  readonly patch: boolean;
  readonly from?: string;
  readonly to?: string;
  readonly dials?: string;
  readonly probe?: 'none' | 'safe';
}
