/**
 * The gateway: the router of the pods, in namespaces that the process outside has made.
 *
 * @module
 */

export { OUTWARD_INTERFACE } from '../messages.ts';
export { HostRelays } from './host-relays.ts';
export { HostSockets, type HostSocketsOptions } from './host-sockets.ts';
export { NamespacesNetwork, type NamespacesOptions } from './pod-network.ts';
export { DNS_ADDRESS, ROUTER_ADDRESS, setUpRouter } from './router.ts';
