/**
 * Messages between a lab and the agents in its hosts.
 *
 * @module
 */
export type DialProtocol = 'TCP' | 'UDP';

export interface DialOrder {
  readonly to: string;
  readonly port: number;
  readonly protocol: DialProtocol;
  /** Address and port to dial from; default: the system chooses. */
  readonly source?: string;
  readonly sourcePort?: number;
  readonly timeoutMs: number;
  /** Keeps the connection or UDP socket under this name; the next dial of that name uses it again. */
  readonly flow?: string;
}

/** A server's report: its name, the address that was dialled, and the client. */
export interface EchoAnswer {
  readonly kind: 'answer';
  /** The host that answered. */
  readonly host: string;
  /** The address and port that the client dialled. */
  readonly address: string;
  readonly port: number;
  /** The client's address, as the server saw it. */
  readonly source: string;
}

export type DialAnswer =
  | EchoAnswer
  /** A TCP reset, or an ICMP error for a closed port. */
  | { readonly kind: 'refused' }
  /** No reply arrived. */
  | { readonly kind: 'timeout' }
  | { readonly kind: 'failed'; readonly code: string };

export type Order =
  /** Serves TCP and UDP echo; without addresses: on all. */
  | {
      readonly order: 'serve';
      readonly host: string;
      readonly addresses: readonly string[];
      readonly tcp: readonly number[];
      readonly udp: readonly number[];
    }
  | { readonly order: 'dial'; readonly dials: readonly DialOrder[] }
  /** Relays TCP connections to 127.0.0.1:port to a unix socket, whose path is the same in every namespace. */
  | { readonly order: 'relay'; readonly port: number; readonly path: string }
  | { readonly order: 'forgetFlows' };

export interface Request {
  readonly id: number;
  readonly order: Order;
}

export type Reply =
  | { readonly id: number; readonly answers: readonly DialAnswer[] }
  | { readonly id: number; readonly error: string };

export function isRequest(message: unknown): message is Request {
  return typeof message === 'object' && message !== null && 'id' in message && 'order' in message;
}

export function isReply(message: unknown): message is Reply {
  return typeof message === 'object' && message !== null && 'id' in message && !('order' in message);
}

/** @returns undefined if the text is not a reply of an echo server */
export function parseEcho(text: string): EchoAnswer | undefined {
  const match = /^(\S+) (\S+) (\d+) (\S+)$/.exec(text.trim());
  const [, host, address, port, source] = match ?? [];
  if (host === undefined || address === undefined || source === undefined) return undefined;
  return { kind: 'answer', host, address, port: Number(port), source };
}
