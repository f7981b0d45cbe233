import { type Command, Option } from '@commander-js/extra-typings';
import {
  type FlagsOf,
  NAMESPACE_TO_READ,
  withAgainst,
  withInput,
  withNode,
  withTextOrJson,
} from '../../options/index.ts';

export function withExplainFlags(command: Command) {
  return withTextOrJson(withNode(withAgainst(withInput(command, NAMESPACE_TO_READ))))
    .option('--teach', 'draw the five port numbers of this object', false)
    .option('--patch', 'print the fix as a JSON patch for kubectl patch --type=json', false)
    .addOption(
      new Option(
        '--probe <how>',
        'connect to endpoints: safe tests all, none disables (default: those on this machine)',
      ).choices(['none', 'safe']),
    )
    .option('--from <ip>', 'trace a packet from this address through the node')
    .option('--to <ip:port/proto>', 'destination of that packet')
    .option('--dials <file>', 'trace a JSON array of {"from", "to"} from a file or - for standard input');
}

export type ExplainFlags = FlagsOf<typeof withExplainFlags>;
