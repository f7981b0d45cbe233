import { Command, Option } from 'commander';
import {
  collect,
  collectAnew,
  type ForwardFlag,
  type InputFlags,
  type NftablesFlags,
  notNegative,
  type OutputFlags,
  positive,
  withDnsForward,
  withInput,
  withNftables,
  withOutput,
} from '../options.ts';
import { stopSignals } from '../signals.ts';

export interface UpFlags extends InputFlags, OutputFlags, NftablesFlags {
  readonly plane: 'userspace' | 'nftables';
  readonly dryRun: boolean;
  readonly force: boolean;
  readonly setSysctls: boolean;
  readonly run: boolean;
  readonly balance: 'least-connections' | 'round-robin' | 'random';
  readonly addresses?: 'per-service' | 'shared';
  readonly listen?: string;
  readonly pod: readonly string[];
  readonly endpoint: readonly string[];
  readonly connectTimeout: number;
  readonly drain: number;
  readonly logs: boolean;
  readonly logFile?: string;
  readonly watch: boolean;
  /** Where DNS is answered. false: --no-dns. undefined: neither was given, so where it can be. */
  readonly dns?: readonly string[] | false;
  readonly dnsForward: ForwardFlag;
  readonly clusterDomain: string;
}

export function upCommand(): Command {
  const command = new Command('up')
    .summary("make manifests' Services work on this machine")
    .description(
      "Listens on every Service's port and carries each connection to the targetPort of a ready pod.\nEdits of the manifests are live at once. Ctrl-C drains, a second one quits.",
    );
  withNftables(withOutput(withInput(command), ['table', 'wide', 'json', 'yaml', 'jsonl']))
    .addOption(
      new Option('--plane <name>', 'who carries connections: this process, or the rules of the kernel (Linux, root)')
        .choices(['userspace', 'nftables'])
        .default('userspace'),
    )
    .option('--dry-run', 'nftables: print the transaction and change nothing', false)
    .option('--force', "nftables: start beside another proxy's rules", false)
    .option('--set-sysctls', 'nftables: switch on what keeps packets from being forwarded', false)
    .option('--run', "run the pods' commands as local processes", false)
    .addOption(
      new Option('--balance <how>', 'which ready endpoint gets a connection')
        .choices(['least-connections', 'round-robin', 'random'])
        .default('least-connections'),
    )
    .addOption(
      new Option('--addresses <how>', 'a loopback address for each Service (Linux), or one for all').choices([
        'per-service',
        'shared',
      ]),
    )
    .option('--listen <address>', 'where NodePorts and LoadBalancer ports listen (loopback unless given)')
    .option('--pod <pod=address:port>', 'where a pod listens that something else runs (repeatable)', collect, [])
    .option('--endpoint <svc:port=address:port>', 'the one endpoint of a Service port (repeatable)', collect, [])
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
    .addOption(
      new Option(
        '--dns <address:port>',
        'where DNS is answered for the Services (repeatable; default: 127.0.0.1:53, or a port from 1053 up)',
      ).argParser(collectAnew),
    )
    .option('--no-dns', 'answer no DNS');
  return withDnsForward(command)
    .option('--cluster-domain <name>', 'the domain of their names in DNS', 'cluster.local')
    .option('-w, --watch', 'one table that is redrawn on the terminal, in place of a line per change', false)
    .action(async (flags: UpFlags) => {
      // Before the code of the command is even read: a signal must find somebody to close what it has opened.
      const stop = stopSignals();
      const { up } = await import('../up.ts');
      process.exitCode = await up(flags, stop);
    });
}
