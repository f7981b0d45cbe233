import { Command } from '@commander-js/extra-typings';
import { resourceArgument, withGetFlags } from './flags.ts';

export function getCommand() {
  return withGetFlags(new Command('get'))
    .summary('list the routes, Services and endpoints that manifests define')
    .description(
      'Lists the routes, Services and endpoints that the manifests define, or the EndpointSlices that a cluster would create for them, without starting anything.',
    )
    .addArgument(resourceArgument())
    .argument('[names...]', 'Services to show (default: all)')
    .action(async (what, names, flags) => {
      const { get } = await import('./run.ts');
      process.exitCode = await get(what, names, flags);
    });
}
