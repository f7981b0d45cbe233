import { Command } from '@commander-js/extra-typings';
import { withPsFlags } from './flags.ts';

export function psCommand() {
  return withPsFlags(new Command('ps'))
    .summary('list the pods of running instances of up')
    .description('Lists the pods that your running instances of `switchboard up` know, with their state and address.')
    .argument('[name]', 'the instance; default: all')
    .action(async (name, flags) => {
      const { ps } = await import('./run.ts');
      process.exitCode = await ps(name, flags);
    });
}
