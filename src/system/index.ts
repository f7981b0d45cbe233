/** What this machine says of itself: its addresses, who holds its ports, the flows that it tracks; and raw netlink. */
export { Conntrack, type Flow, type FlowQuery } from './conntrack.ts';
export { DatagramBatch, hasDatagramBatches, openDatagramSocket } from './datagram-batch.ts';
export { type Answer, type Answers, serve } from './http-answers.ts';
export { clientAddress, Machine, reachableAddresses, reachableInterfaces } from './machine.ts';
export { MessageWriter } from './message-writer.ts';
export {
  attribute,
  attributeList,
  attributesIn,
  NetlinkError,
  type NetlinkMessage,
  NetlinkSocket,
  NLM_F_ACK,
  NLM_F_REQUEST,
} from './netlink.ts';
export { dump } from './netlink-dump.ts';
export { PortOwners, parseSocketTable, type SystemPort } from './port-owner.ts';
export { udpPlacesOf } from './process-sockets.ts';
export { unlessAborted } from './unless-aborted.ts';
