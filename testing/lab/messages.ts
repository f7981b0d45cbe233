/**
 * What a lab and the agents in its hosts say to each other.
 *
 * @module
 */
export type DialProtocol = 'TCP' | 'UDP';

export interface DialOrder {
  readonly to: string;
  readonly port: number;
  readonly protocol: DialProtocol;
  /** Address and port to dial from; otherwise the system chooses. */
  readonly source?: string;
  readonly sourcePort?: number;
  readonly timeoutMs: number;
  /** The connection, or the UDP socket, is kept under this name and used again by the next dial of that name. */
  readonly flow?: string;
}

/** What a server tells of itself and of whom it saw. */
export interface EchoAnswer {
  readonly kind: 'answer';
  /** The host that answered. */
  readonly host: string;
  /** Where it was reached. */
  readonly address: string;
  readonly port: number;
  /** Whom it saw. */
  readonly source: string;
}

export type DialAnswer =
  | EchoAnswer
  /** A TCP reset or an ICMP error that says the port is closed. */
  | { readonly kind: 'refused' }
  /** Nothing came. */
  | { readonly kind: 'timeout' }
  | { readonly kind: 'failed'; readonly code: string };

export type Order =
  /** Serves TCP and UDP echo; no addresses: all. */
  | {
      readonly order: 'serve';
      readonly host: string;
      readonly addresses: readonly string[];
      readonly tcp: readonly number[];
      readonly udp: readonly number[];
    }
  | { readonly order: 'dial'; readonly dials: readonly DialOrder[] }
  /** Takes TCP connections on 127.0.0.1:port and carries them to a unix socket, which reaches across namespaces. */
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

/** @returns undefined if the text is no echo server's answer */
export function parseEcho(text: string): EchoAnswer | undefined {
  const match = /^(\S+) (\S+) (\d+) (\S+)$/.exec(text.trim());
  const [, host, address, port, source] = match ?? [];
  if (host === undefined || address === undefined || source === undefined) return undefined;
  return { kind: 'answer', host, address, port: Number(port), source };
}
