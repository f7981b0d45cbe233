/** The operating system: addresses, sockets, holders of ports, connection tracking, netlink, libc. */
export { Conntrack, type Flow, type FlowQuery } from './conntrack.ts';
export { DatagramBatch, hasDatagramBatches } from './datagram-batch.ts';
export { hasProgram } from './find-program.ts';
export { type Answer, type Answers, serve } from './http-answers.ts';
export { isRunning } from './is-running.ts';
export {
  type BoundServer,
  type BoundUdpSocket,
  connectedUdp,
  type ListenAt,
  ListenersByAddress,
  type ListenOptions,
  listen,
  type NetworkSockets,
  type OpenListener,
  openUdpSocket,
  ownNetwork,
  type UdpSocketOptions,
} from './listen/index.ts';
export { addLocalRoute } from './local-route.ts';
export { clientAddress, Machine, reachableAddresses, reachableInterfaces } from './machine.ts';
export { memoryFolder } from './memory-folder.ts';
export { MessageWriter } from './message-writer.ts';
export { bindMount, makeUnbindable, mountTmpfs, unmount } from './mounts.ts';
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
export { type Answerer, PortOwners, parseSocketTable, type SystemPort } from './port-owner.ts';
export { portNeedsRoot } from './privileged-port.ts';
export { markOf, type ProcessMark, stillRuns } from './process-mark.ts';
export { udpSocketsOf } from './process-sockets.ts';
export { Relay, type RelayBytes, relay, reset } from './relay/index.ts';
export { parseResolvConf, type ResolvConf } from './resolv-conf.ts';
export { runtimeFolder, type StateSocket, stateSockets } from './runtime-folder.ts';
export { exitCodeOf, handleSignals } from './signals.ts';
export { makeStateFolder, stateFolder } from './state-folder.ts';
export { unlessAborted } from './unless-aborted.ts';
export { untilStarted } from './until-started.ts';
export { copyXattrs, xattr, xattrNames } from './xattr.ts';
