import { Command } from '@commander-js/extra-typings';
import { withDiffFlags } from './flags.ts';

export function diffCommand() {
  return withDiffFlags(new Command('diff'))
    .summary('what a change of manifests does to every Service port')
    .description(
      'Compares two sets of manifests: which Service ports a change adds, moves, drains or breaks. Ends with 1 if a port\nthat worked loses all its endpoints, its number or a frontend. Pods of Deployments count as ready.',
    )
    .argument('<old>', 'file, folder, - for standard input; running: what a running "switchboard up" holds; cluster')
    .argument('<new>', 'file, folder, or - for standard input')
    .action(async (before, after, flags) => {
      const { diff } = await import('./run.ts');
      process.exitCode = await diff(before, after, flags);
    });
}
