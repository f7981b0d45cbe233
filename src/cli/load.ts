import { SwitchboardError } from '../errors.ts';
import type { Kind, ObjectEvent } from '../kube/index.ts';
import type { Listener } from '../planes/index.ts';
import { WorkloadPods } from '../pods/index.ts';
import type { Route } from '../routing/index.ts';
import { ManifestSource } from '../sources/manifests/index.ts';
import { type Notice, noticeText, type SourceUpdate } from '../sources/source.ts';
import { packageVersion } from '../version.ts';
import type { AgainstFlags, InputFlags } from './options/index.ts';
import { message } from './terminal.ts';

/** The source that the -f flags of a command name, with its first content. */
export interface Input {
  readonly source: ManifestSource;
  readonly first: SourceUpdate;
}

/**
 * Reads the inputs that the flags name. Prints notices on standard error.
 *
 * @param options `run`: also reads what only running pods needs, such as Secrets
 *
 * @throws SWB_NO_INPUT without -f; SWB_OBJECT_INVALID, SWB_INPUT_UNPARSABLE if any input has a fault; SWB_INPUT_NOT_FOUND, SWB_INPUT_TOO_LARGE
 */
export async function loadInput(flags: InputFlags, { run = false }: { readonly run?: boolean } = {}): Promise<Input> {
  if (flags.filename.length === 0) {
    throw new SwitchboardError(
      'SWB_NO_INPUT',
      'no input: name a file, a folder, or - for standard input with -f, or read a running `up` with --against running (get, explain)',
    );
  }
  const source = new ManifestSource(flags.filename, {
    recursive: flags.recursive,
    maxBytes: flags.maxInputMib * 1048576,
    primaryFamily: 'IPv4',
    defaultNamespace: flags.namespace ?? 'default',
    stdin: process.stdin,
    run,
  });
  const first = await source.load();
  printNotices(first.notices, flags.verbose);
  const faults = first.notices.filter(notice => notice.level === 'fault');
  if (faults.length > 0) {
    const code = faults.some(fault => fault.object !== '') ? 'SWB_OBJECT_INVALID' : 'SWB_INPUT_UNPARSABLE';
    const which = faults.length === 1 ? 'the fault above' : `the ${faults.length} faults above`;
    throw new SwitchboardError(code, `invalid input: correct ${which} first`);
  }
  printSkipped(source, flags.verbose);
  return { source, first };
}

/** What a command evaluates: manifests with the pods that their workloads would create, or the objects of a running `up`. */
export interface Evaluated {
  readonly events: readonly ObjectEvent[];
  /** Present for a running `up` only. */
  readonly listenersOf?: (route: Route) => readonly Listener[];
  /** The pid of the running `up`. */
  readonly pid?: number;
}

/**
 * @param kinds the kinds to read from a cluster; default: those of explain, get and diff
 * @throws what `loadInput` throws; SWB_NOT_RUNNING; SWB_CLUSTER_UNREACHABLE, SWB_CLUSTER_REFUSED, SWB_KUBECONFIG; SWB_USAGE for -f together with --against
 */
export async function loadEvaluated(
  flags: InputFlags & AgainstFlags & { readonly allNamespaces?: boolean },
  kinds?: readonly Kind[],
): Promise<Evaluated> {
  const { against } = flags;
  if (against === undefined) return { events: new WorkloadPods().apply((await loadInput(flags)).first.events) };
  if (flags.filename.length > 0) {
    throw new SwitchboardError('SWB_USAGE', `-f and --against ${against} exclude each other: use one of them`);
  }
  if (against === 'cluster') return { events: await loadCluster(flags, kinds) };
  const { runningState } = await import('../admin/index.ts');
  const { pid, objects, listeners } = await runningState(packageVersion());
  const byRoute = Map.groupBy(listeners, listener => listener.route);
  return {
    events: objects.map(object => ({ type: 'set', object })),
    listenersOf: route => byRoute.get(route.key) ?? [],
    pid,
  };
}

/** The current objects of a cluster; with -n those of one namespace. */
async function loadCluster(
  flags: InputFlags & AgainstFlags & { readonly allNamespaces?: boolean },
  kinds: readonly Kind[] | undefined,
): Promise<readonly ObjectEvent[]> {
  const { createClusterSource, KINDS_OF_FEATURE } = await import('../sources/cluster/index.ts');
  const source = await createClusterSource({
    kinds: kinds ?? KINDS_OF_FEATURE.explain,
    proxied: false,
    follow: false,
    onWaiting: noteWaiting,
    ...(flags.kubeconfig === undefined ? {} : { kubeconfig: flags.kubeconfig }),
    ...(flags.context === undefined ? {} : { context: flags.context }),
    ...(flags.namespace === undefined || flags.allNamespaces === true ? {} : { namespace: flags.namespace }),
  });
  try {
    const { events, notices } = await source.load();
    printNotices(notices, flags.verbose);
    return events;
  } finally {
    await source.close();
  }
}

/** A plugin may wait for a login in a browser. */
export function noteWaiting(what: string): void {
  message(`note: waiting for ${what}`);
}

/** Prints one line per notice on standard error; notes only with -v. */
export function printNotices(notices: readonly Notice[], verbose: boolean): void {
  for (const notice of notices) {
    if (notice.level === 'note' && !verbose) continue;
    const prefix = notice.level === 'fault' ? 'error' : notice.level;
    message(`${prefix}: ${noticeText(notice)}`);
  }
}

function printSkipped(source: ManifestSource, verbose: boolean): void {
  const kinds = [...source.skipped];
  if (kinds.length === 0) return;
  const total = kinds.reduce((sum, [, count]) => sum + count, 0);
  const names = kinds.map(([kind, count]) => `${kind} (${count})`).join(', ');
  const which = total === 1 ? '1 object of a kind' : `${total} objects of kinds`;
  const list = verbose ? `: ${names}` : ` (-v lists ${total === 1 ? 'it' : 'them'})`;
  message(`note: skipped ${which} that Switchboard does not use${list}`);
}
