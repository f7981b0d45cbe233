import type { Protocol } from '../../net/index.ts';
import type { Frontend, RouteKey } from '../../routing/index.ts';
import type { SystemPort } from '../../system/index.ts';
import type { Listener } from '../plane.ts';
import type { Binding, Unplaced } from './placement.ts';
import type { TcpPort } from './tcp-port.ts';
import type { UdpPort } from './udp-port.ts';

export type OpenPort =
  | { readonly protocol: 'TCP'; readonly port: TcpPort }
  | { readonly protocol: 'UDP'; readonly port: UdpPort };

/** A binding and its listener: open, shut while no endpoint is ready, or failed. */
export interface ListenerSlot {
  binding: Binding;
  /** The reserved port, also while the listener is shut; undefined if there is none. */
  place: SystemPort | undefined;
  open: OpenPort | undefined;
  moved: string | undefined;
  failed: string | undefined;
}

export function listenersOfSlot(route: RouteKey, protocol: Protocol, slot: ListenerSlot): Listener[] {
  const { address, port } = slot.place ?? { address: slot.binding.address, port: slot.binding.port ?? 0 };
  return slot.binding.frontends.map(frontend => ({
    route,
    frontend,
    address,
    port,
    protocol,
    ...(slot.moved === undefined ? {} : { moved: slot.moved }),
    ...(slot.failed === undefined ? {} : { failed: slot.failed }),
  }));
}

export function unplacedListener(route: RouteKey, protocol: Protocol, unplaced: Unplaced): Listener {
  const { frontend, address, port, failed } = unplaced;
  return { route, frontend, address, port, protocol, failed };
}

/** The listeners of an open socket, with the address that the system reports; empty if it is shut. */
export function observedListeners(route: RouteKey, slot: ListenerSlot): Listener[] {
  const actual = slot.open?.port.address();
  if (slot.open === undefined || actual === undefined) return [];
  const { protocol } = slot.open;
  return slot.binding.frontends.map((frontend: Frontend) => ({
    route,
    frontend,
    address: actual.address,
    port: actual.port,
    protocol,
    ...(slot.moved === undefined ? {} : { moved: slot.moved }),
  }));
}
