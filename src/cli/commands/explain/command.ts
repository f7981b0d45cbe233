import { Command } from '@commander-js/extra-typings';
import { withExplainFlags } from './flags.ts';

export function explainCommand() {
  return withExplainFlags(new Command('explain'))
    .summary('explain why connections to a port do or do not arrive, hop by hop')
    .description(
      'Shows the path of a connection: client, Service port, selector, targetPort, endpoints; where it fails, and the fix.\n\nTARGET: svc/web, svc/web:http, web.shop:80, http://web.shop/, 10.96.0.10:53/UDP, node-1:30080, deploy/web, pod/web-0',
    )
    .argument('[target]', 'what to explain')
    .action(async (target, flags) => {
      const { explain } = await import('./run.ts');
      process.exitCode = await explain(target, flags);
    });
}
