import { Command } from '@commander-js/extra-typings';

export function restartCommand() {
  return new Command('restart')
    .summary('replace the pods of a workload')
    .description(
      'Replaces the pods of a workload of a running `switchboard up`, one after the other, for example since they read a ConfigMap at their start.',
    )
    .argument('<workload>', 'a workload or a pod: deploy/web, web, web-0, shop/web')
    .option('-n, --namespace <name>', 'namespace of the workload')
    .option('--name <name>', 'the instance; default: the only one that runs')
    .action(async (workload, flags) => {
      const { restart } = await import('./run.ts');
      process.exitCode = await restart(workload, flags);
    });
}
