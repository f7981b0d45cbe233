import { Command } from '@commander-js/extra-typings';
import { withDiffFlags } from './flags.ts';

export function diffCommand() {
  return withDiffFlags(new Command('diff'))
    .summary('show what a change of manifests does to clients of each Service port')
    .description(
      'Compares two sets of manifests: which Service ports a change adds, moves, drains or breaks. The exit code is 1 if a working port loses all its endpoints, its number or a frontend. Pods of Deployments count as ready.',
    )
    .argument('<old>', 'file, folder, - for standard input, "running" for a running "switchboard up", or "cluster"')
    .argument('<new>', 'file, folder, or - for standard input')
    .action(async (before, after, flags) => {
      const { diff } = await import('./run.ts');
      process.exitCode = await diff(before, after, flags);
    });
}
