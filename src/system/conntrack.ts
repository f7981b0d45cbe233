/**
 * The kernel's connection tracking (ctnetlink), as far as needed to end flows whose translation is out of date: lists
 * the flows of one destination and deletes single ones.
 *
 * @module
 */
import ipaddr from 'ipaddr.js';
import { attribute, attributesIn, NetlinkError, NetlinkSocket, NLM_F_ACK, nested } from './netlink.ts';
import { dump } from './netlink-dump.ts';

const NETLINK_NETFILTER = 12;
/** linux/netfilter/nfnetlink_conntrack.h */
const SUBSYSTEM = 1 << 8;
const GET = SUBSYSTEM | 1;
const DELETE = SUBSYSTEM | 2;
const CTA_TUPLE_ORIG = 1;
const CTA_TUPLE_REPLY = 2;
const CTA_ID = 12;
const CTA_FILTER = 25;
const CTA_FILTER_ORIG_FLAGS = 1;
const FILTER_IP_DST = 1 << 1;
const FILTER_PROTO_NUM = 1 << 3;
const FILTER_PROTO_DST = 1 << 5;
const AF_INET = 2;
const AF_INET6 = 10;
const ENOENT = 2;

export interface FlowQuery {
  readonly family: 'IPv4' | 'IPv6';
  /** The protocol number of the IP header: 17 for UDP. */
  readonly protocol: number;
  /** The address and port that the client dialed; undefined: any. */
  readonly address?: string;
  readonly port?: number;
}

export interface Flow {
  /** The protocol number of the IP header. */
  readonly protocol: number;
  /** The address and port that the client dialed. */
  readonly address: string;
  readonly port: number;
  /** The source of replies: the endpoint, or the dialed address if it was not translated. */
  readonly answeredBy: string;
  readonly answeredByPort: number;
  /** Identifies the flow for `Conntrack.delete`. */
  readonly handle: FlowHandle;
}

export interface FlowHandle {
  readonly family: number;
  readonly tuple: Buffer;
  readonly id: Buffer | undefined;
}

/** A socket to the connection tracking of this network namespace. */
export class Conntrack {
  readonly #socket: NetlinkSocket;

  /** @throws NetlinkError */
  constructor() {
    this.#socket = new NetlinkSocket(NETLINK_NETFILTER);
  }

  /** Lists the flows of a query; the kernel filters them. @throws NetlinkError */
  async flows(query: FlowQuery): Promise<Flow[]> {
    const family = query.family === 'IPv4' ? AF_INET : AF_INET6;
    let flags = FILTER_PROTO_NUM;
    const ip: Buffer[] = [];
    const protocol = [attribute(1, Buffer.from([query.protocol]))];
    if (query.address !== undefined) {
      flags |= FILTER_IP_DST;
      ip.push(attribute(query.family === 'IPv4' ? 2 : 4, Buffer.from(ipaddr.parse(query.address).toByteArray())));
    }
    if (query.port !== undefined) {
      flags |= FILTER_PROTO_DST;
      const port = Buffer.alloc(2);
      port.writeUInt16BE(query.port, 0);
      protocol.push(attribute(3, port));
    }
    const mask = Buffer.alloc(4);
    mask.writeUInt32LE(flags, 0);
    const payload = Buffer.concat([
      header(family),
      nested(CTA_TUPLE_ORIG, nested(1, ...ip), nested(2, ...protocol)),
      nested(CTA_FILTER, attribute(CTA_FILTER_ORIG_FLAGS, mask)),
    ]);
    // Kernels before 5.8 ignore the filter and return all flows.
    return await dump(this.#socket, GET, payload, ({ payload: entry }) => {
      const flow = flowOf(family, entry);
      return flow !== undefined && isAskedFor(flow, query) ? flow : undefined;
    });
  }

  /** @returns false if the flow had already ended. @throws NetlinkError */
  delete({ family, tuple, id }: FlowHandle): boolean {
    const parts = [header(family), attribute(CTA_TUPLE_ORIG | 0x8000, tuple)];
    if (id !== undefined) parts.push(attribute(CTA_ID, id));
    try {
      this.#socket.request(DELETE, NLM_F_ACK, Buffer.concat(parts));
      return true;
    } catch (error) {
      if (error instanceof NetlinkError && error.errno === ENOENT) return false;
      throw error;
    }
  }

  close(): void {
    this.#socket.close();
  }
}

function isAskedFor(flow: Flow, query: FlowQuery): boolean {
  return (
    flow.protocol === query.protocol &&
    (query.address === undefined || flow.address === query.address) &&
    (query.port === undefined || flow.port === query.port)
  );
}

/** struct nfgenmsg */
function header(family: number): Buffer {
  return Buffer.from([family, 0, 0, 0]);
}

function flowOf(family: number, entry: Buffer): Flow | undefined {
  const attributes = attributesIn(entry.subarray(4));
  const tuple = attributes.get(CTA_TUPLE_ORIG);
  const original = tuple && ends(tuple);
  const reply = attributes.get(CTA_TUPLE_REPLY);
  const answer = reply && ends(reply);
  if (tuple === undefined || original === undefined || answer === undefined) return undefined;
  return {
    protocol: original.protocol,
    address: original.to,
    port: original.toPort,
    answeredBy: answer.from,
    answeredByPort: answer.fromPort,
    handle: { family, tuple: Buffer.from(tuple), id: attributes.get(CTA_ID) },
  };
}

function ends(tuple: Buffer) {
  const attributes = attributesIn(tuple);
  const ip = attributesIn(attributes.get(1) ?? Buffer.alloc(0));
  const protocol = attributesIn(attributes.get(2) ?? Buffer.alloc(0));
  const from = ip.get(1) ?? ip.get(3);
  const to = ip.get(2) ?? ip.get(4);
  const fromPort = protocol.get(2);
  const toPort = protocol.get(3);
  if (from === undefined || to === undefined || fromPort === undefined || toPort === undefined) return undefined;
  return {
    protocol: protocol.get(1)?.readUInt8(0) ?? 0,
    from: text(from),
    to: text(to),
    fromPort: fromPort.readUInt16BE(0),
    toPort: toPort.readUInt16BE(0),
  };
}

function text(bytes: Buffer): string {
  const address = ipaddr.fromByteArray([...bytes]);
  return address instanceof ipaddr.IPv6 ? address.toRFC5952String() : address.toString();
}
