import { runningState } from '../../admin/index.ts';
import { SwitchboardError } from '../../errors.ts';
import type { SocketAddress } from '../../net/index.ts';
import { udpSocketsOf } from '../../system/index.ts';
import { packageVersion } from '../../version.ts';

/** Further sockets belong to UDP flows and forwarded queries, not to the DNS server. */
const MAX_PLACES = 64;

/** Where the DNS server of a running `up` may listen: its UDP sockets without those of Services. Empty if none runs. */
export async function runningDnsPlaces(): Promise<SocketAddress[]> {
  const state = await runningState(packageVersion()).catch((error: unknown) => {
    if (SwitchboardError.is(error) && error.code === 'SWB_NOT_RUNNING') return undefined;
    throw error;
  });
  if (state === undefined) return [];
  // A query to the socket of a Service would be forwarded to a pod.
  const services = new Set(state.listeners.map(({ port }) => port));
  const places = await udpSocketsOf(state.pid);
  return places.filter(({ port }) => !services.has(port)).slice(0, MAX_PLACES);
}
