import type { AgainstFlags, InputFlags } from '../../options.ts';

export interface DiffFlags extends Omit<InputFlags, 'filename'>, Omit<AgainstFlags, 'against'> {
  readonly output: 'table' | 'json' | 'markdown';
}
