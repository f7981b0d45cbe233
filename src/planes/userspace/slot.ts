import type { Protocol } from '../../kube/protocol.ts';
import type { Frontend, RouteKey } from '../../routing/index.ts';
import type { SystemPort } from '../../system/index.ts';
import type { Listener } from '../plane.ts';
import type { Binding, Unplaced } from './placement.ts';
import type { TcpPort } from './tcp-port.ts';
import type { UdpPort } from './udp-port.ts';

export type OpenPort =
  | { readonly protocol: 'TCP'; readonly port: TcpPort }
  | { readonly protocol: 'UDP'; readonly port: UdpPort };

/** A binding with the place it got: open, or shut while there is no endpoint, or failed. */
export interface Slot {
  binding: Binding;
  /** Reserved in the book, also while it is shut; undefined when none could be had. */
  place: SystemPort | undefined;
  open: OpenPort | undefined;
  moved: string | undefined;
  failed: string | undefined;
}

export function slotListeners(route: RouteKey, protocol: Protocol, slot: Slot): Listener[] {
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

/** What the system itself says about an open port; nothing for one that is shut. */
export function observed(route: RouteKey, slot: Slot): Listener[] {
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
