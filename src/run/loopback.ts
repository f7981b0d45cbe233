import { attribute, NetlinkError, NetlinkSocket, NLM_F_ACK } from '../system/index.ts';

const NETLINK_ROUTE = 0;
const RTM_NEWLINK = 16;
const RTM_NEWADDR = 20;
const NLM_F_CREATE = 0x400;
const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;
const IFF_UP = 1;
/** Skips duplicate address detection. */
const IFA_F_NODAD = 2;
/** The first interface of every network namespace. */
const LOOPBACK_INDEX = 1;

/**
 * Addresses that belong to nobody: the dummy of RFC 7600, and one of the private range (RFC 4193). getaddrinfo() with
 * AI_ADDRCONFIG returns addresses of a family only if this machine has one besides 127.0.0.1 or ::1.
 */
const DUMMIES = [
  { family: 2, prefix: 32, address: Buffer.from([192, 0, 0, 8]) },
  { family: 10, prefix: 128, address: Buffer.from('fd00000000000000000000c0000008ff', 'hex') },
] as const;

/**
 * Enables the loopback interface of this network namespace, which is down in a new one.
 *
 * @throws NetlinkError
 */
export function enableLoopback(): void {
  // struct ifinfomsg: family, padding, type, index, flags, mask of the flags to change.
  const request = Buffer.alloc(16);
  request.writeInt32LE(LOOPBACK_INDEX, 4);
  request.writeUInt32LE(IFF_UP, 8);
  request.writeUInt32LE(IFF_UP, 12);
  const socket = new NetlinkSocket(NETLINK_ROUTE);
  try {
    socket.request(RTM_NEWLINK, NLM_F_ACK, request);
    for (const dummy of DUMMIES) addAddress(socket, dummy);
  } finally {
    socket.close();
  }
}

function addAddress(socket: NetlinkSocket, { family, prefix, address }: (typeof DUMMIES)[number]): void {
  // struct ifaddrmsg: family, length of the prefix, flags, scope (0: everywhere), index.
  const head = Buffer.from([family, prefix, IFA_F_NODAD, 0, LOOPBACK_INDEX, 0, 0, 0]);
  const request = Buffer.concat([head, attribute(IFA_LOCAL, address), attribute(IFA_ADDRESS, address)]);
  try {
    socket.request(RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE, request);
  } catch (error) {
    // The machine may have no IPv6.
    if (!(error instanceof NetlinkError)) throw error;
  }
}
