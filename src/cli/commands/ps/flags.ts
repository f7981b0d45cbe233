import type { Command } from '@commander-js/extra-typings';
import { type FlagsOf, withOutput } from '../../options/index.ts';

export function withPsFlags(command: Command) {
  return withOutput(command, ['table', 'json', 'yaml']);
}

export type PsFlags = FlagsOf<typeof withPsFlags>;
