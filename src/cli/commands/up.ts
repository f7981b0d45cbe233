import { Command, Option } from 'commander';
import {
  collect,
  type InputFlags,
  notNegative,
  type OutputFlags,
  positive,
  withInput,
  withOutput,
} from '../options.ts';

export interface UpFlags extends InputFlags, OutputFlags {
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
}

export function upCommand(): Command {
  const command = new Command('up')
    .summary("make manifests' Services work on this machine")
    .description(
      "Listens on every Service's port and carries each connection to the targetPort of a ready pod.\nEdits of the manifests are live at once. Ctrl-C drains, a second one quits.",
    );
  return withOutput(withInput(command), ['table', 'wide', 'json', 'yaml', 'jsonl'])
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
    .option('-w, --watch', 'one table that is redrawn on the terminal, in place of a line per change', false)
    .action(async (flags: UpFlags) => {
      const { up } = await import('../up.ts');
      process.exitCode = await up(flags);
    });
}
