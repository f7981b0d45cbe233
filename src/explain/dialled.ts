import type { RouteListener } from './hops.ts';
import type { Target } from './target.ts';

/** The listeners that clients of the target dial: all of a route, or that of the address or node port that it names. */
export function dialledListeners(target: Target, listeners: readonly RouteListener[]): readonly RouteListener[] {
  const dialled = listeners.filter(({ frontend, address }) => {
    if (target.kind === 'node') return frontend.kind === 'nodePort';
    if (target.kind !== 'address') return true;
    if (frontend.port !== target.port) return false;
    return frontend.kind === 'nodePort' ? address === target.address : frontend.address === target.address;
  });
  // An address may also be that of an endpoint, whose Services are then explained.
  return dialled.length > 0 ? dialled : listeners;
}
