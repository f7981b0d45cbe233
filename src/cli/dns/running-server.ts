import { runningState } from '../../admin/index.ts';
import { SwitchboardError } from '../../errors.ts';
import type { SocketAddress } from '../../kube/address.ts';
import { udpSocketsOf } from '../../system/index.ts';
import { packageVersion } from '../../version.ts';

/** More sockets are flows and questions to other servers, and no place where anybody is meant to ask. */
const MOST_PLACES = 64;

/** Where the DNS server of a running `up` may be: at its UDP sockets that are not its Services'. Nothing if none runs. */
export async function runningDnsPlaces(): Promise<SocketAddress[]> {
  const state = await runningState(packageVersion()).catch((error: unknown) => {
    if (SwitchboardError.is(error) && error.code === 'SWB_NOT_RUNNING') return undefined;
    throw error;
  });
  if (state === undefined) return [];
  // A question of ours to a Service's socket would be carried to a pod.
  const services = new Set(state.listeners.map(({ port }) => port));
  const places = await udpSocketsOf(state.pid);
  return places.filter(({ port }) => !services.has(port)).slice(0, MOST_PLACES);
}
