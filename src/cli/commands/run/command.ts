import { Command } from '@commander-js/extra-typings';
import { withRunFlags } from './flags.ts';

export function runCommand() {
  return withRunFlags(new Command('run'))
    .summary('run a command among the Services and pods of manifests, which it finds by their names')
    .description(
      'Brings Services and pods up, waits until they are ready, runs the command with their names resolving, and takes all down with it. On Linux the command gets a network of its own, without root; elsewhere a proxy. Which it is, is said.',
    )
    .argument('<command...>', 'behind --: the command and its arguments')
    .action(async (words, flags) => {
      const { run } = await import('./run.ts');
      process.exitCode = await run(words, flags);
    });
}
