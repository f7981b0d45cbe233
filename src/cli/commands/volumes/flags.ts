import type { Command } from '@commander-js/extra-typings';
import { type FlagsOf, withOutput } from '../../options/index.ts';

export function withVolumesListFlags(command: Command) {
  return withOutput(command, ['table', 'json', 'yaml']);
}

export function withVolumesRemoveFlags(command: Command) {
  return command.option('--all', 'remove the data of all claims that no running instance uses', false);
}

export type VolumesListFlags = FlagsOf<typeof withVolumesListFlags>;
export type VolumesRemoveFlags = FlagsOf<typeof withVolumesRemoveFlags>;
