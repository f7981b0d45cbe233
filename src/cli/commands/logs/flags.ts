import { type Command, Option } from '@commander-js/extra-typings';
import { type FlagsOf, positive } from '../../options/index.ts';

export function withLogsFlags(command: Command) {
  return command
    .option('-f, --follow', 'go on with new lines until Ctrl-C', false)
    .addOption(new Option('--since <seconds>', 'only lines of the last seconds').argParser(positive))
    .option('-c, --container <name>', 'only this container')
    .option('-n, --namespace <name>', 'only pods of this namespace')
    .option('--timestamps', 'print the time of each line', false)
    .option('--name <name>', 'the instance; default: the only one that runs');
}

export type LogsFlags = FlagsOf<typeof withLogsFlags>;
