import { type Command, Option, type OptionValues } from '@commander-js/extra-typings';
import { collect, positive } from './values.ts';

/** Flags that say what is read, spelt as kubectl spells them. */
export interface InputFlags extends ReadingFlags {
  readonly filename: readonly string[];
}

export function withInput<Args extends unknown[], Flags extends OptionValues>(command: Command<Args, Flags>) {
  return withReading(
    command.option('-f, --filename <path>', 'file, folder, or - for standard input (repeatable)', collect, []),
    'namespace of objects that name none; get shows only this one',
  );
}

/** How inputs are read, whichever way they are named. */
export interface ReadingFlags {
  readonly recursive: boolean;
  readonly namespace?: string;
  readonly maxInputMib: number;
  readonly verbose: boolean;
}

export function withReading<Args extends unknown[], Flags extends OptionValues>(
  command: Command<Args, Flags>,
  namespace = 'namespace of objects that name none',
) {
  return command
    .option('-R, --recursive', "read a folder's folders too", false)
    .option('-n, --namespace <name>', namespace)
    .addOption(new Option('--max-input-mib <n>', 'largest input that is read').argParser(positive).default(32))
    .option('-v, --verbose', 'name the kinds that were passed over, and show notes', false);
}

/** Which cluster is read. */
export interface ClusterFlags {
  readonly context?: string;
  readonly kubeconfig?: string;
}

export function withCluster<Args extends unknown[], Flags extends OptionValues>(command: Command<Args, Flags>) {
  return command
    .option('--kubeconfig <path>', 'cluster: the kubeconfig (default: $KUBECONFIG, ~/.kube/config)')
    .option('--context <name>', "cluster: the kubeconfig's context (default: its current one)");
}

/** In place of manifests. */
export interface AgainstFlags extends ClusterFlags {
  readonly against?: 'running' | 'cluster';
}

/** For commands that can ask a running `up`, or a cluster, in place of manifests. */
export function withAgainst<Args extends unknown[], Flags extends OptionValues>(command: Command<Args, Flags>) {
  return withCluster(
    command.addOption(
      new Option('--against <what>', 'in place of -f: what a running "switchboard up" holds, or a cluster').choices([
        'running',
        'cluster',
      ]),
    ),
  );
}
