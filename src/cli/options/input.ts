import { type Command, Option, type OptionValues } from '@commander-js/extra-typings';
import { collect, positive } from './values.ts';

/** Flags that name the inputs, spelt as kubectl spells them. */
export interface InputFlags extends ReadingFlags {
  readonly filename: readonly string[];
}

/** @param namespace the help text of -n, for commands in which it also selects what to read or show */
export function withInput<Args extends unknown[], Flags extends OptionValues>(
  command: Command<Args, Flags>,
  namespace?: string,
) {
  return withReading(
    command.option('-f, --filename <path>', 'file, folder, or - for standard input (repeatable)', collect, []),
    namespace,
  );
}

/** How a command reads its inputs, whether they are named by -f or by arguments. */
export interface ReadingFlags {
  readonly recursive: boolean;
  readonly namespace?: string;
  readonly maxInputMib: number;
  readonly verbose: boolean;
}

export function withReading<Args extends unknown[], Flags extends OptionValues>(
  command: Command<Args, Flags>,
  namespace = 'namespace of objects without one',
) {
  return command
    .option('-R, --recursive', 'read subfolders too', false)
    .option('-n, --namespace <name>', namespace)
    .addOption(new Option('--max-input-mib <n>', 'maximum size of one input').argParser(positive).default(32))
    .option('-v, --verbose', 'list the kinds of skipped objects, and show notes', false);
}

/** Which cluster a command reads. */
export interface ClusterFlags {
  readonly context?: string;
  readonly kubeconfig?: string;
}

export function withCluster<Args extends unknown[], Flags extends OptionValues>(command: Command<Args, Flags>) {
  return command
    .option('--kubeconfig <path>', 'cluster: path of the kubeconfig (default: $KUBECONFIG, ~/.kube/config)')
    .option('--context <name>', 'cluster: context of the kubeconfig (default: the current context)');
}

/** The help text of -n for commands that can read a cluster. */
export const NAMESPACE_TO_READ = 'namespace of objects without one; with --against cluster, the namespace to read';

/** What a command reads instead of manifests. */
export interface AgainstFlags extends ClusterFlags {
  readonly against?: 'running' | 'cluster';
}

/** For commands that can read a running `up` or a cluster instead of manifests. */
export function withAgainst<Args extends unknown[], Flags extends OptionValues>(command: Command<Args, Flags>) {
  return withCluster(
    command.addOption(
      new Option('--against <what>', 'read a running "switchboard up" or a cluster instead of -f').choices([
        'running',
        'cluster',
      ]),
    ),
  );
}
