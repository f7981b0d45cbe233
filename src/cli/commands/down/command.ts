import { Command, Option } from '@commander-js/extra-typings';
import { positive } from '../../options/index.ts';

export function downCommand() {
  return new Command('down')
    .summary('stop a running instance of up and its pods')
    .description(
      'Stops an instance of `switchboard up`, in the background or in another terminal, as Ctrl-C does there, and waits for its end.',
    )
    .argument('[name]', 'the instance; default: the only one that runs')
    .addOption(new Option('--timeout <seconds>', 'how long to wait for its end').argParser(positive).default(60))
    .action(async (name, flags) => {
      const { down } = await import('./run.ts');
      process.exitCode = await down(name, flags.timeout);
    });
}
