import { Command } from '@commander-js/extra-typings';
import { withExecFlags } from './flags.ts';

export function execCommand() {
  return withExecFlags(new Command('exec'))
    .summary('run a command in a pod')
    .description(
      'Runs a command in a container of a pod that a running `switchboard up` runs, and prints its output. It gets no input.',
    )
    .argument('<pod>', 'a pod or a workload: web-0, pod/web-0, deploy/web, shop/web-0')
    .argument('<command...>', 'the command and its arguments, after --')
    .action(async (pod, command, flags) => {
      const { exec } = await import('./run.ts');
      process.exitCode = await exec(pod, command, flags);
    });
}
