import { Command, Option } from 'commander';
import { positive, withCluster } from '../../options.ts';
import type { DiffFlags } from './flags.ts';

export function diffCommand(): Command {
  const command = new Command('diff')
    .summary('what a change of manifests does to every Service port')
    .description(
      'Compares two sets of manifests: which Service ports a change adds, moves, drains or breaks. Ends with 1 if a port\nthat worked loses all its endpoints, its number or a frontend. Pods of Deployments count as ready.',
    )
    .argument('<old>', 'file, folder, - for standard input; running: what a running "switchboard up" holds; cluster')
    .argument('<new>', 'file, folder, or - for standard input')
    .option('-R, --recursive', "read a folder's folders too", false)
    .option('-n, --namespace <name>', 'namespace of objects that name none')
    .addOption(new Option('--max-input-mib <n>', 'largest input that is read').argParser(positive).default(32))
    .option('-v, --verbose', 'name the kinds that were passed over, and show notes', false);
  return withCluster(command)
    .addOption(
      new Option('-o, --output <format>', 'how to print').choices(['table', 'json', 'markdown']).default('table'),
    )
    .action(async (before: string, after: string, flags: DiffFlags) => {
      const { diff } = await import('./run.ts');
      process.exitCode = await diff(before, after, flags);
    });
}
