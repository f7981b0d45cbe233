import { StateServer } from '../../../admin/index.ts';
import { isOutOfFilesError, OUT_OF_FILES, SwitchboardError } from '../../../errors.ts';
import type { KubeObject, ObjectEvent } from '../../../kube/index.ts';
import {
  type LocalPodRunner,
  Overrides,
  parseEndpointOverride,
  parsePodOverride,
  WorkloadPods,
} from '../../../pods/index.ts';
import { RouteTable } from '../../../routing/index.ts';
import { type NetworkSockets, unlessAborted } from '../../../system/index.ts';
import { Up } from '../../../up/index.ts';
import { packageVersion } from '../../../version.ts';
import { World } from '../../../world/index.ts';
import type { UpDns } from '../../dns/beside-up.ts';
import { EXIT } from '../../exit-codes.ts';
import { defaultName } from '../../instances.ts';
import { type Input, loadInput, printNotices } from '../../load.ts';
import { localPods, type PodSettings, unplacedPods } from '../../local-pods.ts';
import { planeNoticeBesideTable } from '../../notices.ts';
import { PodLogs } from '../../pod-logs.ts';
import type { PodSide } from '../../pod-side/side.ts';
import { type Closers, serveUntilStopped } from '../../serve.ts';
import { serveLogs } from '../../serve-logs.ts';
import { restartPods, serveExec, startJob } from '../../serve-pods.ts';
import type { StopSignals } from '../../signals.ts';
import { message, print } from '../../terminal.ts';
import type { UpFlags } from './flags.ts';
import { podSide, type RunningPods } from './network.ts';
import { openPlane } from './plane.ts';
import { readPodSettings } from './pod-settings.ts';
import { Reporter } from './reporter.ts';

/** Prints the first table within a second of the start. */
const FIRST_TABLE_MS = 600;

/** Serves until a signal. @returns the exit code. @throws what `loadInput` and `podSide` throw, SWB_USAGE */
export async function up(flags: UpFlags, pods: RunningPods, stop: StopSignals): Promise<number> {
  if (flags.dryRun) {
    stop.release();
    return dryRun(flags);
  }
  const stopping = () => message('stopping: waiting for open connections; press Ctrl-C again to exit now');
  return serveUntilStopped(stop, (_signal, closers) => start(flags, pods, stop, closers), stopping);
}

async function start(flags: UpFlags, podsHere: RunningPods, stop: StopSignals, closers: Closers): Promise<void> {
  const { signal } = stop;
  const runs = podsHere.plan.mode !== undefined;
  const side = await podSide(flags, podsHere, stop);
  closers.push(() => side.close());
  signal.throwIfAborted();
  const { source, first, overrides, objects, podSettings } = await unlessAborted(signal, readInput(flags, runs));
  // DNS options are checked before anything is served.
  const hasDnsFlags = Array.isArray(flags.dns) || Array.isArray(flags.dnsForward);
  const prepared = hasDnsFlags ? await prepareDns(flags, side.host) : undefined;
  signal.throwIfAborted();
  const { plane, node } = await openPlane(flags, objects, planeNoticeBesideTable, side.host);
  const logs = new PodLogs({ show: flags.logs, ...(flags.logFile === undefined ? {} : { file: flags.logFile }) });
  let runner: LocalPodRunner | undefined;
  const pods = (report: (events: readonly ObjectEvent[]) => void, self: Up): LocalPodRunner => {
    runner = localPods(report, self, source, logs, side, podSettings);
    return runner;
  };
  const running = new Up({
    source,
    overrides,
    plane: side.front(plane),
    podPlanes: side.planes,
    ...(node === undefined ? {} : { node }),
    ...(runs ? { pods } : {}),
    onNotices: notices => printNotices(notices, flags.verbose),
  });
  const reporter = new Reporter(running, flags);
  // Before the side of the pods, which they use until they have ended.
  closers.unshift(
    () => running.close({ drainMs: signal.aborted ? flags.drain * 1000 : 0 }),
    () => reporter.close(),
  );
  closers.push(() => logs.close());
  await side.serveNames(running, flags.clusterDomain, flags.dnsForward);
  signal.throwIfAborted();
  await running.start(first.events, { signal });
  if (runs) await reporter.allReadyWithin(FIRST_TABLE_MS, signal);
  signal.throwIfAborted();
  reporter.started();
  for (const unused of overrides.unused()) {
    message(`warning: ${unused} matches nothing in the inputs`);
  }
  for (const unused of runs ? [...podSettings.env.unused(), ...podSettings.images.unused()] : []) {
    message(`warning: ${unused} is for a workload that has no pods here`);
  }
  for (const line of unplacedPods(running.world.store, runs ? side.network : undefined)) message(`note: ${line}`);
  const instance = side.instance ?? { pid: process.pid };
  const runningPods = runner;
  const state = new StateServer(
    {
      state: () => ({
        version: packageVersion(),
        pid: instance.pid,
        name: flags.name ?? defaultName(flags.filename),
        inputs: flags.filename,
        objects: [...running.world.store.all()],
        listeners: [...running.table.routes()].flatMap(route => running.front.listenersOf(route.key)),
      }),
      logs: (query, send, stop) => serveLogs(logs.store, query, send, stop),
      ...(runningPods === undefined
        ? {}
        : {
            job: cronJob => startJob(runningPods, cronJob),
            restart: workload => restartPods(runningPods, workload),
            exec: (query, send, stop) => serveExec(runningPods, query, send, stop),
          }),
      ...(side.isPodAddress === undefined ? {} : { probe: targets => probePods(targets, side.isPodAddress) }),
    },
    why => message(`note: another command got no answer from this instance: ${why}`),
    instance,
  );
  closers.push(() => state.close());
  // Services do not wait for DNS: loading its code alone takes half as long as everything before.
  if (flags.dns !== false) {
    const makeDns = prepared ?? (await prepareDefaultDns(flags, side.host));
    signal.throwIfAborted();
    if (makeDns !== undefined) {
      const names = makeDns(running);
      closers.push(() => names.close());
      await names.listen();
      signal.throwIfAborted();
    }
  }
  if (flags.plane === 'nftables') {
    closers.push(() => message('the rules stay in the kernel; remove them with switchboard cleanup'));
  }
  // A reader of this line may send a signal immediately.
  reporter.ready();
}

/** Dials pods, which only this process reaches. */
async function probePods(targets: unknown, isPod: PodSide['isPodAddress']): Promise<unknown> {
  const { isProbeTargets, probeEndpoints } = await import('../../../probe/index.ts');
  if (!isProbeTargets(targets)) throw new Error('a client asked to probe something other than endpoints');
  return probeEndpoints(targets.filter(({ address }) => isPod?.(address) === true));
}

interface UpInput extends Input {
  readonly overrides: Overrides;
  readonly podSettings: Required<PodSettings>;
  /** The objects of the first read. */
  readonly objects: readonly KubeObject[];
}

/** @throws what `loadInput` throws, SWB_USAGE */
async function readInput(flags: UpFlags, runs: boolean): Promise<UpInput> {
  const namespace = flags.namespace ?? 'default';
  const overrides = new Overrides(
    flags.pod.map(text => parsePodOverride(text, namespace)),
    flags.endpoint.map(text => parseEndpointOverride(text, namespace)),
  );
  if (flags.dns === false && Array.isArray(flags.dnsForward)) {
    throw new SwitchboardError('SWB_USAGE', '--dns-forward needs DNS, which --no-dns switches off: remove one of them');
  }
  const podSettings = await readPodSettings(flags, runs);
  const { source, first } = await loadInput(flags, { run: runs });
  const objects = first.events.flatMap(event => (event.type === 'set' ? [event.object] : []));
  return { source, first, overrides, objects, podSettings };
}

async function prepareDns(
  { dns, dnsForward, clusterDomain }: UpFlags,
  network?: NetworkSockets,
): Promise<(up: Up) => UpDns> {
  const { upDns } = await import('../../dns/beside-up.ts');
  return upDns(dns === false ? undefined : dns, dnsForward, clusterDomain, network);
}

/** DNS that no flag asks for. Without files left to load its code, the Services go on without it. */
async function prepareDefaultDns(flags: UpFlags, network?: NetworkSockets): Promise<((up: Up) => UpDns) | undefined> {
  try {
    return await prepareDns(flags, network);
  } catch (error) {
    if (!isOutOfFilesError(error)) throw error;
    message(`note: no DNS: ${OUT_OF_FILES}`);
    return undefined;
  }
}

/** Prints the transaction that the plane would send to the kernel. */
async function dryRun(flags: UpFlags): Promise<number> {
  const { first, overrides, objects } = await readInput(flags, false);
  const { plane, node } = await openPlane(flags, objects, planeNoticeBesideTable);
  const world = new World();
  const table = new RouteTable(world.store, node);
  const events = overrides.apply(new WorkloadPods().apply(first.events));
  const text = await plane.dryRun?.(table.update(world.apply(events)));
  print(text ?? '');
  await plane.close({ drainMs: 0 });
  return EXIT.fine;
}
