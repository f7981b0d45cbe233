import { Command, Option } from 'commander';
import { withAgainst, withInput, withNode } from '../../options.ts';
import type { ExplainFlags } from './flags.ts';

export function explainCommand(): Command {
  const command = new Command('explain')
    .summary('why a port does or does not arrive, hop by hop')
    .description(
      'Tells the way of a connection: client, Service port, selector, targetPort, endpoints; where it breaks, and what to do.\n\nTARGET: svc/web, svc/web:http, web.shop:80, http://web.shop/, 10.96.0.10:53/UDP, node-1:30080, deploy/web, pod/web-0',
    )
    .argument('[target]', 'what to explain');
  return withNode(withAgainst(withInput(command)))
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .option('--teach', 'draw the five port numbers of this object', false)
    .option('--patch', 'print the fix as a JSON patch for kubectl patch --type=json', false)
    .addOption(
      new Option('--probe <how>', 'dial the endpoints: safe is the default where they are on this machine').choices([
        'none',
        'safe',
      ]),
    )
    .option('--from <ip>', 'what a packet from this address would meet on the node')
    .option('--to <ip:port/proto>', 'where that packet is sent to')
    .option('--dials <file>', 'a JSON array of {"from", "to"}, or - for standard input; answers with an array')
    .action(async (target: string | undefined, flags: ExplainFlags) => {
      const { explain } = await import('./run.ts');
      process.exitCode = await explain(target, flags);
    });
}
