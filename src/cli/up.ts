import { StateServer } from '../admin/index.ts';
import { SwitchboardError } from '../errors.ts';
import type { ObjectEvent } from '../kube/objects.ts';
import type { Plane } from '../planes/index.ts';
import { Overrides, parseEndpointOverride, parsePodOverride, WorkloadPods } from '../pods/index.ts';
import { type NodeContext, RouteTable } from '../routing/index.ts';
import { Up } from '../up/index.ts';
import { packageVersion } from '../version.ts';
import type { UpFlags } from './commands/up.ts';
import { EXIT } from './exit-codes.ts';
import { loadInput, sayNotices } from './load.ts';
import { localPods, unplacedPods } from './local-pods.ts';
import { openPlane } from './plane.ts';
import { PodLogs } from './pod-logs.ts';
import { Reporter } from './reporter.ts';
import { untilStopped } from './signals.ts';
import type { UpDns } from './up-dns.ts';

/** The first table is there within a second of the start. */
const FIRST_TABLE_MS = 600;

/** Serves until a signal. @returns the exit code. @throws what `loadInput` throws, SWB_USAGE */
export async function up(flags: UpFlags): Promise<number> {
  const namespace = flags.namespace ?? 'default';
  const overrides = new Overrides(
    flags.pod.map(text => parsePodOverride(text, namespace)),
    flags.endpoint.map(text => parseEndpointOverride(text, namespace)),
  );
  if (flags.dns === false && Array.isArray(flags.dnsForward)) {
    throw new SwitchboardError('SWB_USAGE', '--dns-forward is for DNS, which --no-dns switches off: leave one out');
  }
  const { source, first } = await loadInput(flags);
  const objects = first.events.flatMap(event => (event.type === 'set' ? [event.object] : []));
  // What was asked for in vain is said before anything is served.
  const asksForDns = Array.isArray(flags.dns) || Array.isArray(flags.dnsForward);
  const asked = flags.dryRun || !asksForDns ? undefined : await prepareDns(flags);
  const { plane, node } = await openPlane(flags, objects, event => reporter.planeEvent(event));
  if (flags.dryRun) return dryRun(plane, node, overrides.apply(new WorkloadPods().apply(first.events)));
  const running = new Up({
    source,
    overrides,
    plane,
    ...(node === undefined ? {} : { node }),
    ...(flags.run ? { pods: (report, self) => localPods(report, self, source, logs, reporter) } : {}),
    onObjects: (events, touched) => names?.taken(events, touched),
    onApplied: applied => {
      names?.applied(applied);
      reporter.applied(applied);
    },
    onNotices: notices => sayNotices(notices, flags.verbose),
  });
  let names: UpDns | undefined;
  const reporter = new Reporter(running, flags);
  const logs = new PodLogs({ show: flags.logs, ...(flags.logFile === undefined ? {} : { file: flags.logFile }) });
  await running.start(first.events);
  if (flags.run) await reporter.settled(FIRST_TABLE_MS);
  reporter.started();
  for (const unused of overrides.unused()) {
    process.stderr.write(`warning: ${unused} names nothing among the inputs\n`);
  }
  for (const line of unplacedPods(running.table.store, flags.run)) process.stderr.write(`note: ${line}\n`);
  const state = new StateServer(
    () => ({
      version: packageVersion(),
      pid: process.pid,
      inputs: flags.filename,
      objects: [...running.table.store.all()],
      listeners: [...running.table.routes()].flatMap(route => running.listenersOf(route.key)),
    }),
    why => process.stderr.write(`note: --against running cannot ask this instance: ${why}\n`),
  );
  try {
    // Services do not wait for it: reading its code alone takes half as long as everything before.
    if (flags.dns !== false) {
      names = (asked ?? (await prepareDns(flags)))(running);
      await names.listen();
    }
  } catch (error) {
    await running.close({ drainMs: 0 });
    state.close();
    reporter.close();
    logs.close();
    throw error;
  }
  const stopped = untilStopped(async () => {
    process.stderr.write('stopping: open connections may finish; Ctrl-C again quits\n');
    await running.close({ drainMs: flags.drain * 1000 });
    await names?.close();
  });
  // Who reads it may send a signal at once.
  reporter.ready();
  const end = await stopped;
  if (flags.plane === 'nftables')
    process.stderr.write('the rules stay in the kernel; switchboard cleanup removes them\n');
  state.close();
  reporter.close();
  logs.close();
  // Whatever is still open is cut; pods that have not ended are ended by the orphan guard.
  if (end === 'quit') process.exit(EXIT.fine);
  return EXIT.fine;
}

async function prepareDns({ dns, dnsForward, clusterDomain }: UpFlags): Promise<(up: Up) => UpDns> {
  const { upDns } = await import('./up-dns.ts');
  return upDns(dns === false ? undefined : dns, dnsForward, clusterDomain);
}

/** Prints what the plane would tell the kernel. */
async function dryRun(plane: Plane, node: NodeContext | undefined, events: readonly ObjectEvent[]): Promise<number> {
  const table = new RouteTable(node);
  const text = await plane.dryRun?.(table.update(events));
  process.stdout.write(text ?? '');
  await plane.close({ drainMs: 0 });
  return EXIT.fine;
}
