import { Command } from '@commander-js/extra-typings';

export function jobCommand() {
  return new Command('job')
    .summary('run Jobs of CronJobs')
    .description('Runs Jobs in a running "switchboard up --run".')
    .addCommand(runJobCommand());
}

function runJobCommand() {
  return new Command('run')
    .summary('run a Job of a CronJob now')
    .description('Starts a Job of a CronJob in the running "switchboard up --run", whatever its schedule says.')
    .argument('<cronjob>', 'CronJob: NAME or NAMESPACE/NAME')
    .option('-n, --namespace <name>', 'namespace of the CronJob (default: default)')
    .option('--name <name>', 'the instance; default: the only one that runs')
    .action(async (cronJob, { namespace = 'default', name }) => {
      const { runJob } = await import('./run.ts');
      process.exitCode = await runJob(cronJob.includes('/') ? cronJob : `${namespace}/${cronJob}`, name);
    });
}
