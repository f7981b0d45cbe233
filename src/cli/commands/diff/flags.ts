import { type Command, Option } from '@commander-js/extra-typings';
import { type FlagsOf, withCluster, withReading } from '../../options/index.ts';

export function withDiffFlags(command: Command) {
  return withCluster(withReading(command)).addOption(
    new Option('-o, --output <format>', 'output format').choices(['table', 'json', 'markdown']).default('table'),
  );
}

export type DiffFlags = FlagsOf<typeof withDiffFlags>;
