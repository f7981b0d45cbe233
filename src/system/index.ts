/** What this machine says of itself: its addresses, and who holds its ports. */
export { clientAddress, Machine } from './machine.ts';
export { PortOwners, parseSocketTable, type SystemPort } from './port-owner.ts';
