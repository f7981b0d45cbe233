/**
 * Makes blocks of addresses local by rtnetlink, as `ip route add local BLOCK dev lo` does: programs can listen at all of
 * their addresses, and the kernel answers ARP for them. Linux, with CAP_NET_ADMIN.
 *
 * @module
 */
import { type AddressBlock, addressAt } from '../net/index.ts';
import { attribute, NetlinkSocket, NLM_F_ACK } from './netlink.ts';

/** linux/netlink.h, linux/rtnetlink.h */
const NETLINK_ROUTE = 0;
const RTM_NEWROUTE = 24;
const NLM_F_CREATE = 0x400;
const NLM_F_REPLACE = 0x100;
const AF_INET = 2;
const RT_TABLE_LOCAL = 255;
const RTPROT_STATIC = 4;
const RT_SCOPE_HOST = 254;
const RTN_LOCAL = 2;
const RTA_DST = 1;
const RTA_OIF = 4;
/** The index of `lo` in every network namespace. */
const LOOPBACK_INDEX = 1;

/** @throws NetlinkError: EPERM without the right */
export function addLocalRoute(block: AddressBlock): void {
  const socket = new NetlinkSocket(NETLINK_ROUTE);
  try {
    const bits = 32 - Math.log2(block.size);
    const head = Buffer.alloc(12);
    head.writeUInt8(AF_INET, 0);
    head.writeUInt8(bits, 1);
    head.writeUInt8(RT_TABLE_LOCAL, 4);
    head.writeUInt8(RTPROT_STATIC, 5);
    head.writeUInt8(RT_SCOPE_HOST, 6);
    head.writeUInt8(RTN_LOCAL, 7);
    const destination = Buffer.from(addressAt(block, 0).split('.').map(Number));
    const device = Buffer.alloc(4);
    device.writeUInt32LE(LOOPBACK_INDEX);
    const payload = Buffer.concat([head, attribute(RTA_DST, destination), attribute(RTA_OIF, device)]);
    socket.request(RTM_NEWROUTE, NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE, payload);
  } finally {
    socket.close();
  }
}
