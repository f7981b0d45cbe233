import { Command, Option } from 'commander';
import { collect, notNegative, withInput } from '../../options.ts';
import type { RunFlags } from './flags.ts';

export function runCommand(): Command {
  const command = new Command('run')
    .summary('run a command among the Services and pods of manifests, which it finds by their names')
    .description(
      'Brings Services and pods up, waits until they are ready, runs the command with their names resolving, and takes all down with it. On Linux the command gets a network of its own, without root; elsewhere a proxy. Which it is, is said.',
    )
    .argument('<command...>', 'behind --: the command and its arguments');
  return withInput(command)
    .addOption(
      new Option('--mode <how>', 'a network of its own (Linux), proxy variables and NAME.localhost, or what works')
        .choices(['auto', 'network', 'proxy'])
        .default('auto'),
    )
    .option('--outside', 'network: proxy variables that lead to the network outside', false)
    .option('--need <service>', 'wait for this one only: web, web.shop:http, svc/shop/web:80 (repeatable)', collect, [])
    .addOption(
      new Option('--wait <seconds>', 'how long Services may take to be ready; 0: do not wait')
        .argParser(notNegative)
        .default(60),
    )
    .addOption(
      new Option('--grace <seconds>', 'how long pods may take to end when the command has')
        .argParser(notNegative)
        .default(5),
    )
    .option('--pod <pod=address:port>', "where a pod listens, in the command's network (repeatable)", collect, [])
    .option('--endpoint <svc:port=address:port>', 'the one endpoint of a Service port (repeatable)', collect, [])
    .addOption(
      new Option('--balance <how>', 'which ready endpoint gets a connection')
        .choices(['least-connections', 'round-robin', 'random'])
        .default('least-connections'),
    )
    .option('--cluster-domain <name>', 'the domain of the names', 'cluster.local')
    .option('--logs', "show the pods' output on standard error", false)
    .option('--log-file <file>', "write the pods' output there")
    .option('-q, --quiet', 'say nothing but what goes wrong', false)
    .action(async (words: readonly string[], flags: RunFlags) => {
      const { run } = await import('./run.ts');
      process.exitCode = await run(words, flags);
    });
}
