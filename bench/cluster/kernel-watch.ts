/**
 * Runs in a node's namespace and reads the kernel's nftables notifications: when did an address first appear in a rule
 * or an element? It does not depend on the tables' owner, so both proxies are measured alike.
 *
 * @module
 */
import { NetlinkSocket } from '../../src/system/index.ts';
import { serveOrders } from '../../testing/child.ts';
import { monotonicMs, STAMP_PREFIX } from './stamps.ts';

const NETLINK_NETFILTER = 12;
const NFNLGRP_NFTABLES = 1 << (7 - 1);
const WAITING_BYTES = 64 << 20;
const POLL_MS = 1;

let socket: NetlinkSocket | undefined;
let timer: NodeJS.Timeout | undefined;
const seen = new Map<number, number>();

serveOrders(order => {
  switch (order) {
    case 'watch':
      seen.clear();
      socket = new NetlinkSocket(NETLINK_NETFILTER, NFNLGRP_NFTABLES);
      socket.widen(WAITING_BYTES);
      timer = setInterval(look, POLL_MS);
      return {};
    case 'seen':
      // Stamp -> milliseconds of the system's monotonic clock, which is the same in all processes.
      return Object.fromEntries(seen);
    case 'stop':
      clearInterval(timer);
      socket?.close();
      return {};
    default:
      throw new Error(`unknown order: ${String(order)}`);
  }
});

function look(): void {
  const messages = socket?.drain();
  if (messages === undefined)
    console.error('kernel-watch: notifications were lost, so some changes are missing from the figures');
  const now = monotonicMs();
  for (const { payload } of messages ?? []) {
    for (let at = payload.indexOf(STAMP_PREFIX); at !== -1; at = payload.indexOf(STAMP_PREFIX, at + 1)) {
      if (at + 4 > payload.length) break;
      const stamp = payload.readUInt16BE(at + 2);
      if (!seen.has(stamp)) seen.set(stamp, now);
    }
  }
}
