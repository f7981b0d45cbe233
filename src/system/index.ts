/** What this machine says of itself: its addresses, who holds its ports, the flows that it tracks. */
export { Conntrack, type Flow, type FlowQuery } from './conntrack.ts';
export { clientAddress, Machine, reachableAddresses } from './machine.ts';
export { attributesIn, NetlinkError, type NetlinkMessage, NetlinkSocket } from './netlink.ts';
export { PortOwners, parseSocketTable, type SystemPort } from './port-owner.ts';
