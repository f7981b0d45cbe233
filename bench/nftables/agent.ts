/**
 * Runs in a host of a twin and executes orders: listens, dials, carries bulk, counts what the kernel has.
 *
 * @module
 */
import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { NetlinkSocket } from '../../src/system/netlink.ts';
import { dump } from '../../src/system/netlink-dump.ts';
import { type Numbers, serveOrders } from '../../testing/child.ts';
import { relayToSocket } from '../../testing/relays.ts';
import { quantile } from '../../testing/statistics.ts';
import { Backlog, connectTimes } from './dialling.ts';
import { proxyMetrics } from './metrics.ts';

export type AgentOrder =
  /** Listens on all addresses without accepting connections. */
  | { readonly order: 'listen'; readonly port: number }
  /** Closes the connections that have arrived. */
  | { readonly order: 'drain' }
  | { readonly order: 'unlisten' }
  | { readonly order: 'connect'; readonly address: string; readonly port: number; readonly count: number }
  | { readonly order: 'send'; readonly port: number }
  | { readonly order: 'receive'; readonly address: string; readonly port: number; readonly ms: number }
  | { readonly order: 'count' }
  | { readonly order: 'metrics'; readonly url: string }
  /** Relays TCP connections to a unix socket, whose path is the same in every namespace. */
  | { readonly order: 'relay'; readonly port: number; readonly path: string };

const NETLINK_NETFILTER = 12;
const NFTABLES = 10 << 8;
const GET = { chains: NFTABLES | 4, rules: NFTABLES | 7 };
const BLOCK = 256 << 10;

let backlog: Backlog | undefined;
let sender: Server | undefined;

serveOrders(order => (isOrder(order) ? obey(order) : {}));

async function obey(order: AgentOrder): Promise<Numbers> {
  switch (order.order) {
    case 'listen':
      backlog = new Backlog(order.port);
      return {};
    case 'drain':
      return { drained: backlog?.drain() ?? 0 };
    case 'unlisten':
      backlog?.close();
      backlog = undefined;
      sender?.close();
      sender = undefined;
      return {};
    case 'connect': {
      const micros = connectTimes(order.address, order.port, order.count);
      return { p50: quantile(micros, 0.5), p99: quantile(micros, 0.99) };
    }
    case 'send':
      sender = await send(order.port);
      return {};
    case 'receive':
      return { gbits: await receive(order.address, order.port, order.ms) };
    case 'count':
      return await count();
    case 'metrics':
      return await proxyMetrics(order.url);
    case 'relay':
      await relayToSocket(order.port, order.path);
      return {};
  }
}

async function send(port: number): Promise<Server> {
  const block = Buffer.alloc(BLOCK);
  const server = createServer(socket => {
    const fill = () => {
      while (!socket.destroyed && socket.write(block));
    };
    socket.on('drain', fill).on('error', () => {});
    fill();
  });
  server.listen(port);
  await once(server, 'listening');
  return server;
}

/** Gbit/s. Does not count the first tenth of the time. */
function receive(address: string, port: number, ms: number): Promise<number> {
  let bytes = 0;
  const onread = {
    buffer: Buffer.alloc(BLOCK),
    callback: (size: number) => {
      bytes += size;
      return true;
    },
  };
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port, onread }, () => {
      setTimeout(() => {
        const started = performance.now();
        bytes = 0;
        setTimeout(() => {
          socket.resetAndDestroy();
          resolve((bytes * 8) / ((performance.now() - started) * 1e6));
        }, ms);
      }, ms / 10);
    });
    socket.once('error', reject);
  });
}

/** Uses netlink, since nft would need minutes to list some of these. */
async function count(): Promise<Numbers> {
  const netlink = new NetlinkSocket(NETLINK_NETFILTER);
  try {
    const counts: Record<string, number> = {};
    // struct nfgenmsg: every family, version 0.
    for (const [name, type] of Object.entries(GET)) {
      counts[name] = (await dump(netlink, type, Buffer.alloc(4), () => true)).length;
    }
    return counts;
  } finally {
    netlink.close();
  }
}

function isOrder(order: unknown): order is AgentOrder {
  return typeof order === 'object' && order !== null && 'order' in order;
}
