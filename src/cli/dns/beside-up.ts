import { createDns, type Dns, type ForwardEvent, type ListenFailure } from '../../dns/index.ts';
import { isOutOfFiles, messageOf, OUT_OF_FILES, systemCodeOf } from '../../errors.ts';
import { keyOf } from '../../kube/index.ts';
import { hostPort, type SocketAddress } from '../../net/index.ts';
import { type NetworkSockets, ownNetwork, portNeedsRoot } from '../../system/index.ts';
import type { ServedPlane, Up } from '../../up/index.ts';
import type { ForwardFlag } from '../options/index.ts';
import { message } from '../terminal.ts';
import { forwardEventText } from './notices.ts';
import { dnsPlace, forwardingTo, placesText, reachedAt, upstreamsOf } from './places.ts';
import { serviceListeners } from './service-listeners.ts';

/** DNS in the process of `up`: answers from the same objects and follows every change. */
export interface UpDns {
  /** Listens and prints the addresses. @throws SWB_LISTEN_FAILED if `--dns` names an address that cannot be used */
  listen(): Promise<void>;
  close(): Promise<void>;
}

const LOOPBACK = '127.0.0.1';
/**
 * Tried in this order without `--dns`. Stub resolvers support port 53 only, which needs root and is often in use. The other
 * ports are the same in every run, so a resolver that is configured for one still works after a restart.
 */
const DEFAULT_PLACES: readonly SocketAddress[] = [53, 1053, 1054, 1055, 1056, 1057, 1058, 1059].map(port => ({
  address: LOOPBACK,
  port,
}));

/**
 * Answers the names of Services with the addresses where they listen, and forwards all other names.
 *
 * @param network where it listens, and where the upstreams are
 * @param listenOn the addresses to listen on; undefined: the first default one that is free, or none
 * @throws SWB_USAGE
 */
export async function upDns(
  listenOn: readonly string[] | undefined,
  forward: ForwardFlag,
  domain: string,
  network: NetworkSockets = ownNetwork,
): Promise<(up: Up) => UpDns> {
  const places = listenOn?.map(text => dnsPlace('--dns', text));
  let listening = (): readonly SocketAddress[] => places ?? [];
  const report = places === undefined && forward === undefined ? reportWithoutOptions : reportAll;
  const { forwarder, options } = await forwardingTo(upstreamsOf(forward), () => listening(), report, network);
  return up => {
    const dns = createDns({
      store: up.world.store,
      records: {
        zones: [domain],
        serverAddresses: places === undefined ? [LOOPBACK] : reachedAt(places),
        listenersOf: service => serviceListeners(up, up.front, service),
      },
      ...options,
      network,
    });
    const objects = [...up.world.store.all()].map(object => ({ type: 'set', object }) as const);
    dns.update(objects, new Set([...up.world.store.services()].map(({ meta }) => keyOf(meta))));
    followUp(dns, up, up.front);
    return {
      listen: async () => {
        if (places === undefined) {
          const failures = await dns.listenAtFirst(DEFAULT_PLACES);
          message(defaultPlaceText(dns.addresses, failures));
          listening = () => dns.addresses;
          await forwarder?.reread();
        } else {
          await dns.listen(places);
          message(`dns: listening on ${placesText(dns.addresses)} (UDP and TCP)`);
        }
        if (dns.addresses.length > 0) void forwarder?.checkLoops();
      },
      close: () => dns.close(),
    };
  };
}

/** Updates DNS when the world has new objects, and when the plane listens on new addresses. */
export function followUp(dns: Dns, up: Up, plane: ServedPlane): void {
  up.world.subscribe('dns', (events, touched) => dns.update(events, touched));
  plane.onApplied(({ changes }) => dns.refresh(new Set(changes.map(change => change.route.service))));
}

/** Without DNS options, missing upstream servers are not reported. */
function reportWithoutOptions(event: ForwardEvent): string | undefined {
  return event.kind === 'upstreams' || event.kind === 'upstreams-unreadable' ? undefined : reportAll(event);
}

function reportAll(event: ForwardEvent): string | undefined {
  return forwardEventText(event, '--dns-forward');
}

/** The addresses, and why port 53 is not among them. */
function defaultPlaceText(addresses: readonly SocketAddress[], failures: readonly ListenFailure[]): string {
  const [first] = failures;
  const why = first === undefined ? '' : reason(first);
  if (addresses.length === 0) {
    if (failures.some(({ error }) => isOutOfFiles(systemCodeOf(error)))) return `note: no DNS: ${OUT_OF_FILES}`;
    const last = failures.at(-1)?.place.port ?? 0;
    return `note: no DNS: ${why}, and no port up to ${last} is free; choose one with --dns ADDRESS:PORT`;
  }
  return `dns: listening on ${placesText(addresses)} (UDP and TCP)${why === '' ? '' : `; ${why}`}`;
}

function reason({ place, error }: ListenFailure): string {
  const at = hostPort(place.address, place.port);
  switch (systemCodeOf(error)) {
    case 'EADDRINUSE':
      return `${at} is in use`;
    case 'EACCES':
    case 'EPERM':
      return portNeedsRoot(place.port);
    default:
      return `${at} cannot be used: ${messageOf(error)}`;
  }
}
