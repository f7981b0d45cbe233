import { Command } from '@commander-js/extra-typings';
import { resourceArgument, withGetFlags } from './flags.ts';

export function getCommand() {
  return withGetFlags(new Command('get'))
    .summary('what manifests come to, without serving them')
    .description(
      'Evaluates manifests and prints routes, services, endpoints, or the EndpointSlices that a cluster would make; nothing is listened on.',
    )
    .addArgument(resourceArgument())
    .argument('[names...]', 'Services to show; all if none is named')
    .action(async (what, names, flags) => {
      const { get } = await import('./run.ts');
      process.exitCode = await get(what, names, flags);
    });
}
