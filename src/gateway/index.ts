/**
 * Switchboard inside a pod network: a process in namespaces of its own is the router of the pods and programs its kernel
 * with the Services; the process that the user started opens sockets in the host's network for it.
 *
 * @module
 */
export { type Entered, enteredGateway, type GatewayEnd, giveUp, runGateway } from './enter.ts';
export { HostRelays } from './host-relays.ts';
export { HostSockets, type HostSocketsOptions } from './host-sockets.ts';
export { OUTWARD_INTERFACE } from './outward.ts';
export { NamespacesNetwork, type NamespacesOptions } from './pod-network.ts';
export { ReachablePlane } from './reachable-plane.ts';
export { DNS_ADDRESS, ROUTER_ADDRESS, setUpRouter } from './router.ts';
