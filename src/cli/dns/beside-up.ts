import { createDns, type Dns, type ForwardEvent, type ListenFailure } from '../../dns/index.ts';
import { messageOf, systemCodeOf } from '../../errors.ts';
import { hostPort, type SocketAddress } from '../../kube/address.ts';
import { keyOf } from '../../kube/objects.ts';
import type { Up } from '../../up/index.ts';
import type { ForwardFlag } from '../options/index.ts';
import { forwardEventText } from './notices.ts';
import { dnsPlace, forwardingTo, placesText, reachedAt, upstreamsOf } from './places.ts';
import { serviceListeners } from './service-listeners.ts';

/** DNS beside a running `up`: it answers from the same objects and follows every change. */
export interface UpDns {
  /** Says where. @throws SWB_LISTEN_FAILED where places were asked for */
  listen(): Promise<void>;
  close(): Promise<void>;
}

const LOOPBACK = '127.0.0.1';
/**
 * Tried in this order where no place was asked for. Stub resolvers know port 53 only; it takes a right and is often
 * taken. What is set up to ask another port finds it again at the next start.
 */
const USUAL_PLACES: readonly SocketAddress[] = [53, 1053, 1054, 1055, 1056, 1057, 1058, 1059].map(port => ({
  address: LOOPBACK,
  port,
}));

/**
 * Names lead to where their Services listen; others are asked of other servers.
 *
 * @param asked where to answer; undefined: where it can be, and nowhere if it cannot
 * @throws SWB_USAGE
 */
export async function upDns(
  asked: readonly string[] | undefined,
  forward: ForwardFlag,
  domain: string,
): Promise<(up: Up) => UpDns> {
  const places = asked?.map(text => dnsPlace('--dns', text));
  let listening = (): readonly SocketAddress[] => places ?? [];
  const say = places === undefined && forward === undefined ? unasked : forwardEventText;
  const { forwarder, options } = await forwardingTo(upstreamsOf(forward), () => listening(), say);
  return up => {
    const dns = createDns({
      store: up.world.store,
      records: {
        zones: [domain],
        serverAddresses: places === undefined ? [LOOPBACK] : reachedAt(places),
        listenersOf: service => serviceListeners(up, service),
      },
      ...options,
    });
    const objects = [...up.world.store.all()].map(object => ({ type: 'set', object }) as const);
    dns.update(objects, new Set([...up.world.store.services()].map(({ meta }) => keyOf(meta))));
    followUp(dns, up);
    return {
      listen: async () => {
        if (places === undefined) {
          const failures = await dns.listenAtFirst(USUAL_PLACES);
          process.stderr.write(`${usualText(dns.addresses, failures)}\n`);
          listening = () => dns.addresses;
          await forwarder?.reread();
        } else {
          await dns.listen(places);
          process.stderr.write(`dns: listening on ${placesText(dns.addresses)} (UDP and TCP)\n`);
        }
        if (dns.addresses.length > 0) void forwarder?.checkLoops();
      },
      close: () => dns.close(),
    };
  };
}

/** Names follow the objects as soon as the world has them, and the addresses when the plane listens there. */
export function followUp(dns: Dns, up: Up): void {
  up.world.subscribe('dns', (events, touched) => dns.update(events, touched));
  up.onApplied(({ changes }) => dns.refresh(new Set(changes.map(change => change.route.service))));
}

/** Who did not ask for DNS need not hear that nobody can be asked for other names. */
function unasked(event: ForwardEvent): string | undefined {
  return event.kind === 'upstreams' || event.kind === 'upstreams-unreadable' ? undefined : forwardEventText(event);
}

/** Where it listens, and why that is not port 53. */
function usualText(addresses: readonly SocketAddress[], failures: readonly ListenFailure[]): string {
  const [first] = failures;
  const why = first === undefined ? '' : `${hostPort(first.place.address, first.place.port)} ${reason(first.error)}`;
  if (addresses.length === 0) {
    const last = failures.at(-1)?.place.port ?? 0;
    return `note: no DNS: ${why}, and neither can a port up to ${last} be had; --dns ADDRESS:PORT names another`;
  }
  return `dns: listening on ${placesText(addresses)} (UDP and TCP)${why === '' ? '' : `; ${why}`}`;
}

function reason(error: unknown): string {
  switch (systemCodeOf(error)) {
    case 'EADDRINUSE':
      return 'is taken';
    case 'EACCES':
    case 'EPERM':
      return 'needs a right this process lacks';
    default:
      return `cannot be had: ${messageOf(error)}`;
  }
}
