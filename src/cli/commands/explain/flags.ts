import { type Command, Option } from '@commander-js/extra-typings';
import { type FlagsOf, withAgainst, withInput, withNode, withTextOrJson } from '../../options/index.ts';

export function withExplainFlags(command: Command) {
  return withTextOrJson(withNode(withAgainst(withInput(command))))
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
    .option('--dials <file>', 'a JSON array of {"from", "to"}, or - for standard input; answers with an array');
}

export type ExplainFlags = FlagsOf<typeof withExplainFlags>;
