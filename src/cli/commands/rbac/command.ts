import { Argument, Command } from '@commander-js/extra-typings';

export function rbacCommand() {
  return new Command('rbac')
    .summary('the least that a feature needs to be allowed in a cluster')
    .description('Prints a ClusterRole that is enough for the features, and for nothing more.')
    .addArgument(new Argument('<features...>', 'node, explain, get, lint, diff'))
    .option('--service-account <namespace/name>', 'print this ServiceAccount and its binding, too')
    .action(async (features, flags) => {
      const { rbac } = await import('./run.ts');
      process.exitCode = rbac(features, flags.serviceAccount);
    });
}
