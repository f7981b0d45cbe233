import type { Command } from '@commander-js/extra-typings';
import type { FlagsOf } from '../../options/index.ts';

export function withExecFlags(command: Command) {
  return command
    .option('-c, --container <name>', 'the container (default: the first one)')
    .option('-n, --namespace <name>', 'namespace of the pod')
    .option('--name <name>', 'the instance; default: the only one that runs');
}

export type ExecFlags = FlagsOf<typeof withExecFlags>;
