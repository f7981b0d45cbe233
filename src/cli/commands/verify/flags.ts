import type { AgainstFlags, InputFlags, NftablesFlags } from '../../options.ts';

export interface VerifyFlags extends InputFlags, AgainstFlags, NftablesFlags {
  readonly output: 'text' | 'json';
}
