import { type Command, Option } from '@commander-js/extra-typings';
import {
  collectUnlessNo,
  type FlagsOf,
  notNegative,
  positive,
  withBalance,
  withClusterDomain,
  withDnsForward,
  withInput,
  withNftables,
  withOutput,
  withOverrides,
} from '../../options/index.ts';

export function withUpFlags(command: Command) {
  const serving = withNftables(withOutput(withInput(command), ['table', 'wide', 'json', 'yaml', 'jsonl']))
    .addOption(
      new Option('--plane <name>', 'who carries connections: this process, or the rules of the kernel (Linux, root)')
        .choices(['userspace', 'nftables'])
        .default('userspace'),
    )
    .option('--dry-run', 'nftables: print the transaction and change nothing', false)
    .option('--force', "nftables: start beside another proxy's rules", false)
    .option('--set-sysctls', 'nftables: switch on what keeps packets from being forwarded', false)
    .option('--run', "run the pods' commands as local processes", false);
  const balanced = withBalance(serving)
    .addOption(
      new Option('--addresses <how>', 'a loopback address for each Service (Linux), or one for all').choices([
        'per-service',
        'shared',
      ]),
    )
    .option('--listen <address>', 'where NodePorts and LoadBalancer ports listen (loopback unless given)');
  const overridden = withOverrides(balanced, 'where a pod listens that something else runs (repeatable)')
    .addOption(
      new Option('--connect-timeout <seconds>', 'an endpoint that does not answer by then is left for another')
        .argParser(positive)
        .default(3),
    )
    .addOption(
      new Option('--drain <seconds>', 'how long open connections may go on after Ctrl-C')
        .argParser(notNegative)
        .default(10),
    )
    .option('--no-logs', "do not show the pods' output")
    .option('--log-file <file>', "write the pods' output there, too")
    // Undefined where neither it nor --no-dns is given: DNS is answered where it can be.
    .addOption(
      new Option(
        '--dns <address:port>',
        'where DNS is answered for the Services (repeatable; default: 127.0.0.1:53, or a port from 1053 up)',
      ).argParser(collectUnlessNo),
    )
    .option('--no-dns', 'answer no DNS');
  return withClusterDomain(withDnsForward(overridden), 'the domain of their names in DNS').option(
    '-w, --watch',
    'one table that is redrawn on the terminal, in place of a line per change',
    false,
  );
}

export type UpFlags = FlagsOf<typeof withUpFlags>;
