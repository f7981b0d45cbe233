import type { Server } from 'node:http';
import { createDns, type Dns, type RecordOptions, zoneLabels } from '../dns/index.ts';
import { SwitchboardError } from '../errors.ts';
import { canonicalAddress, type SocketAddress } from '../kube/address.ts';
import { WorkloadPods } from '../pods/index.ts';
import { ObjectStore } from '../store/index.ts';
import type { DnsFlags } from './commands/dns.ts';
import { dnsPlace, forwardingTo, placesText, reachedAt, upstreamsOf } from './dns-places.ts';
import { EXIT } from './exit-codes.ts';
import { loadInput, sayNotices } from './load.ts';
import { runningListeners } from './running-listeners.ts';
import { untilStopped } from './signals.ts';

/**
 * Answers DNS until a signal.
 *
 * @returns the exit code
 * @throws what `loadInput` throws; SWB_USAGE, SWB_LISTEN_FAILED; SWB_NOT_RUNNING with `--addresses local`
 */
export async function dns(flags: DnsFlags): Promise<number> {
  const places = (flags.listen.length === 0 ? [DEFAULT_PLACE] : flags.listen).map(text => dnsPlace('--listen', text));
  const upstreams = upstreamsOf(flags.forward);
  const metricsPlace = flags.metrics === undefined ? undefined : dnsPlace('--metrics', flags.metrics);
  const records = recordOptions(flags, places);
  const { source, first } = await loadInput(flags);

  const running = flags.addresses === 'local' ? await runningListeners() : undefined;
  const { forwarder, options } = await forwardingTo(upstreams, () => places);
  const store = new ObjectStore();
  const server: Dns = createDns({
    store,
    records: running === undefined ? records : { ...records, listenersOf: running.listenersOf },
    ...options,
    sockets: flags.sockets,
    onSocketLost: why => process.stderr.write(`warning: one of the UDP sockets is closed: ${why}; the others go on\n`),
  });
  const workloads = new WorkloadPods();
  const take = (events: typeof first.events): void => {
    const all = workloads.apply(events);
    server.update(all, store.apply(all));
  };
  take(first.events);
  let metrics: Server | undefined;
  try {
    await server.listen(places);
    if (metricsPlace !== undefined) {
      const { serveDnsMetrics } = await import('./dns-metrics.ts');
      metrics = await serveDnsMetrics(metricsPlace, server, forwarder);
    }
  } catch (error) {
    await server.close();
    throw error;
  }
  source.watch(update => {
    sayNotices(update.notices, flags.verbose);
    take(update.events);
  });
  running?.follow(services => server.refresh(services));
  const stopped = untilStopped(async () => {
    running?.close();
    metrics?.close();
    await source.close();
    await server.close();
  });
  process.stdout.write(`dns: listening on ${placesText(server.addresses)} (UDP and TCP)\n`);
  void forwarder?.checkLoops();
  await stopped;
  return EXIT.fine;
}

const DEFAULT_PLACE = '127.0.0.1:1053';

function recordOptions(flags: DnsFlags, places: readonly SocketAddress[]): Partial<RecordOptions> {
  const { ttl, pods, ignoreEmptyServices, endpointPodNames, namespaces } = flags;
  const serverAddresses =
    flags.serverAddress.length === 0
      ? reachedAt(places)
      : flags.serverAddress.map(text => addressOf('--server-address', text));
  // Said before anything is read that may take long.
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

/** @throws SWB_USAGE */
function addressOf(flag: string, text: string): string {
  const address = canonicalAddress(text);
  if (address === undefined) throw new SwitchboardError('SWB_USAGE', `${flag} ${text}: that is no IP address`);
  return address;
}
