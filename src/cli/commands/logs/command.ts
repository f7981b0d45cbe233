import { Command } from '@commander-js/extra-typings';
import { withLogsFlags } from './flags.ts';

export function logsCommand() {
  return withLogsFlags(new Command('logs'))
    .summary('print the output of a pod, or of all pods of a workload')
    .description(
      'Prints the output of pods that a running `switchboard up --run` runs or has run: the latest 5,000 lines of each container.',
    )
    .argument('<target>', 'a pod or a workload: web-0, pod/web-0, deploy/web, web')
    .action(async (target, flags) => {
      const { logs } = await import('./run.ts');
      process.exitCode = await logs(target, flags);
    });
}
