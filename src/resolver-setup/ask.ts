import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { type Answer, decode, encode, type RecordType } from 'dns-packet';
import { messageOf, systemCodeOf } from '../errors.ts';
import { hostPort, rcodeName, type SocketAddress } from '../net/index.ts';
import type { SystemState } from './system-state.ts';

/** The reply of one server to one query. */
export type Reply =
  | {
      readonly kind: 'reply';
      /** `NOERROR`, `NXDOMAIN`, `REFUSED` ... */
      readonly rcode: string;
      /** The server is authoritative for the zone. */
      readonly authoritative: boolean;
      /** Records of the queried type, after any CNAMEs; addresses as text. */
      readonly data: readonly string[];
      /** The owner of the SOA record in the reply. */
      readonly zone: string | undefined;
    }
  | { readonly kind: 'silent'; readonly ms: number }
  /** No server listens there, or it is unreachable. */
  | { readonly kind: 'failed'; readonly why: string };

export interface QueryOptions {
  readonly type: 'A' | 'AAAA' | 'SOA';
  readonly timeoutMs?: number;
}

export const TIMEOUT_MS = 1500;

/** Sends one query over UDP, and again at half the timeout, since a datagram may be lost. */
export function askServer(
  server: SocketAddress,
  name: string,
  { type, timeoutMs = TIMEOUT_MS }: QueryOptions,
): Promise<Reply> {
  const id = randomInt(0x1_0000);
  const query = encode({ type: 'query', id, flags: 0x0100, questions: [{ type, class: 'IN', name }] });
  return new Promise(resolve => {
    // Link-local addresses may have a zone.
    const socket = createSocket(server.address.includes(':') ? 'udp6' : 'udp4');
    let done = false;
    const finish = (reply: Reply): void => {
      if (done) return;
      done = true;
      clearTimeout(again);
      clearTimeout(end);
      socket.close();
      resolve(reply);
    };
    const failed = (error: Error): void => finish({ kind: 'failed', why: whyOf(error, server) });
    const send = (): void =>
      socket.send(query, error => {
        if (error !== null) failed(error);
      });
    const again = setTimeout(send, timeoutMs / 2);
    const end = setTimeout(() => finish({ kind: 'silent', ms: timeoutMs }), timeoutMs);
    socket.on('error', failed);
    socket.on('message', message => {
      const reply = read(message, { id, type, name });
      if (reply !== undefined) finish(reply);
    });
    socket.on('connect', send);
    socket.connect(server.port, server.address);
  });
}

function whyOf(error: Error, { address, port }: SocketAddress): string {
  if (systemCodeOf(error) === 'ECONNREFUSED') return `no server listens at ${hostPort(address, port)}`;
  return messageOf(error);
}

interface Question {
  readonly id: number;
  readonly type: RecordType;
  readonly name: string;
}

/** undefined: a reply to another query, or unreadable. */
function read(message: Buffer, question: Question): Reply | undefined {
  try {
    const packet = decode(message);
    const [asked] = packet.questions ?? [];
    if (packet.id !== question.id || packet.type !== 'response') return undefined;
    if (asked !== undefined && asked.name.toLowerCase() !== question.name.replace(/\.$/, '').toLowerCase()) {
      return undefined;
    }
    const records = [...(packet.answers ?? []), ...(packet.authorities ?? [])];
    return {
      kind: 'reply',
      rcode: rcodeName(message.readUInt16BE(2) & 0xf),
      authoritative: packet.flag_aa,
      data: (packet.answers ?? []).filter(record => record.type === question.type).map(dataText),
      zone: records.find(record => record.type === 'SOA')?.name.toLowerCase(),
    };
  } catch {
    return undefined;
  }
}

function dataText(record: Answer): string {
  return 'data' in record && typeof record.data === 'string' ? record.data : record.type;
}

/** Whether a server is authoritative for a domain. */
export async function answersFor(server: SocketAddress, domain: string, timeoutMs = TIMEOUT_MS): Promise<boolean> {
  const reply = await askServer(server, domain, { type: 'SOA', timeoutMs });
  return reply.kind === 'reply' && reply.authoritative && reply.zone === domain.toLowerCase();
}

/**
 * Whether the system's active resolver sends queries for a domain to its server; undefined where it does not speak DNS
 * (macOS, Windows).
 */
export async function systemResolves(domain: string, state: SystemState): Promise<boolean | undefined> {
  if (state.platform === 'darwin' || state.platform === 'win32') return undefined;
  const [server] = state.resolvConf?.conf.servers ?? [];
  const asksStub = state.systemd.resolvedRuns && state.sources.some(({ name }) => name === 'resolve');
  const address = asksStub ? '127.0.0.53' : server;
  if (address === undefined) return undefined;
  const reply = await askServer({ address, port: 53 }, domain, { type: 'SOA' });
  return reply.kind === 'reply' && reply.rcode === 'NOERROR' && reply.data.length > 0 && reply.zone === domain;
}

/** The default addresses of `switchboard up` and `switchboard dns`. */
export const DEFAULT_ADDRESSES: readonly SocketAddress[] = [53, 1053, 1054, 1055, 1056, 1057, 1058, 1059].map(port => ({
  address: '127.0.0.1',
  port,
}));

/** Which of the addresses have a server of the domain, in their order. */
export async function serversOf(
  domain: string,
  addresses: readonly SocketAddress[] = DEFAULT_ADDRESSES,
): Promise<SocketAddress[]> {
  const answers = await Promise.all(addresses.map(address => answersFor(address, domain, LOCAL_TIMEOUT_MS)));
  return addresses.filter((_, index) => answers[index] === true);
}

/** A server on loopback answers within a millisecond, a busy one within some hundred. */
const LOCAL_TIMEOUT_MS = 800;
