import { Argument, Command } from '@commander-js/extra-typings';

export function rbacCommand() {
  return new Command('rbac')
    .summary('print a ClusterRole with the permissions that features need')
    .description('Prints a ClusterRole with the permissions that the named features need, and no others.')
    .addArgument(new Argument('<features...>', 'node, explain, get, lint, diff'))
    .option('--service-account <namespace/name>', 'also print this ServiceAccount and its binding')
    .action(async (features, flags) => {
      const { rbac } = await import('./run.ts');
      process.exitCode = rbac(features, flags.serviceAccount);
    });
}
