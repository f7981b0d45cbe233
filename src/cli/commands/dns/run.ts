import { createDns, type RecordOptions, zoneLabels } from '../../../dns/index.ts';
import { hostPort, type SocketAddress } from '../../../net/index.ts';
import { WorkloadPods } from '../../../pods/index.ts';
import { unlessAborted } from '../../../system/index.ts';
import { World } from '../../../world/index.ts';
import { forwardEventText } from '../../dns/notices.ts';
import { dnsPlace, forwardingTo, placesText, reachedAt, upstreamsOf } from '../../dns/places.ts';
import { loadInput, printNotices } from '../../load.ts';
import { addressFlag } from '../../node-facts.ts';
import { type Closers, serveUntilStopped } from '../../serve.ts';
import type { StopSignals } from '../../signals.ts';
import { message, print } from '../../terminal.ts';
import type { DnsFlags } from './flags.ts';
import { runningListeners } from './running-listeners.ts';

/**
 * Serves DNS until a signal.
 *
 * @returns the exit code
 * @throws what `loadInput` throws; SWB_USAGE, SWB_LISTEN_FAILED; SWB_NOT_RUNNING with `--addresses local`
 */
export function dns(flags: DnsFlags, stop: StopSignals): Promise<number> {
  return serveUntilStopped(stop, (signal, closers) => start(flags, signal, closers));
}

async function start(flags: DnsFlags, signal: AbortSignal, closers: Closers): Promise<void> {
  const places = (flags.listen.length === 0 ? [DEFAULT_PLACE] : flags.listen).map(text => dnsPlace('--listen', text));
  const upstreams = upstreamsOf(flags.forward);
  const metricsPlace = flags.metrics === undefined ? undefined : dnsPlace('--metrics', flags.metrics);
  const records = recordOptions(flags, places);
  const { source, first } = await unlessAborted(signal, loadInput(flags));
  closers.push(() => source.close());

  const running = flags.addresses === 'local' ? await unlessAborted(signal, runningListeners()) : undefined;
  closers.push(() => running?.close());
  const { forwarder, options } = await forwardingTo(
    upstreams,
    () => places,
    event => forwardEventText(event, '--forward'),
  );
  signal.throwIfAborted();
  const world = new World();
  const server = createDns({
    store: world.store,
    records: running === undefined ? records : { ...records, listenersOf: running.listenersOf },
    ...options,
    sockets: flags.sockets,
    onSocketLost: why => message(`warning: a UDP socket is closed: ${why}; the other sockets still answer`),
  });
  closers.push(() => server.close());
  world.subscribe('dns', (events, touched) => server.update(events, touched));
  const workloads = new WorkloadPods();
  world.apply(workloads.apply(first.events));
  await server.listen(places);
  signal.throwIfAborted();
  if (metricsPlace !== undefined) {
    const { serveDnsMetrics } = await import('./metrics.ts');
    const metrics = await serveDnsMetrics(metricsPlace, server, forwarder);
    closers.unshift(() => metrics.close());
    const at = metrics.address();
    const port = typeof at === 'object' && at !== null ? at.port : metricsPlace.port;
    message(`metrics: http://${hostPort(metricsPlace.address, port)}/metrics`);
    signal.throwIfAborted();
  }
  source.watch(update => {
    printNotices(update.notices, flags.verbose);
    world.apply(workloads.apply(update.events));
  });
  running?.follow(services => server.refresh(services));
  print(`dns: listening on ${placesText(server.addresses)} (UDP and TCP)\n`);
  void forwarder?.checkLoops();
}

const DEFAULT_PLACE = '127.0.0.1:1053';

function recordOptions(flags: DnsFlags, places: readonly SocketAddress[]): Partial<RecordOptions> {
  const { ttl, pods, ignoreEmptyServices, endpointPodNames, namespaces } = flags;
  const serverAddresses =
    flags.serverAddress.length === 0
      ? reachedAt(places)
      : flags.serverAddress.map(text => addressFlag('--server-address', text));
  // Checked before reading inputs, which may take long.
  for (const zone of flags.zone) zoneLabels(zone);
  return {
    zones: flags.zone,
    ttl,
    pods,
    ignoreEmptyServices,
    endpointPodNames,
    serverAddresses,
    ...(namespaces === undefined ? {} : { namespaces }),
  };
}
