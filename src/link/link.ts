/**
 * A link connects two programs of Switchboard over a single place at which one of them listens: the process that the user
 * started, and the gateway in a network of containers. Over it go calls, and connections that one side opens in the network
 * of the other side.
 *
 * HTTP/2 (RFC 9113) carries it: a TCP connection for each direction, so that both sides can open streams.
 *
 * @module
 */
import type { Duplex } from 'node:stream';
import type { SocketAddress } from '../net/index.ts';

/** A UDP socket that is connected to one address, here or at the other side. */
export interface DatagramPeer {
  send(message: Buffer): void;
  /** Call once, in the turn in which the peer was opened. */
  listen(events: { readonly onMessage: (message: Buffer) => void; readonly onClose: () => void }): void;
  close(): void;
}

/** What one side does for the other one. */
export interface LinkHandlers {
  /** Answers a call with data for JSON. What it throws is the other side's error. */
  readonly call: (name: string, body: unknown) => Promise<unknown>;
  /** Connects in the network of this side. Rejects with the system's error. */
  readonly connectTcp: (to: SocketAddress) => Promise<Duplex>;
  /** Rejects with the system's error. */
  readonly connectUdp: (to: SocketAddress) => Promise<DatagramPeer>;
}

export interface Link {
  /** Asks the other side. Rejects with its error, or if the link is lost. */
  call(name: string, body: unknown): Promise<unknown>;
  /** Connects in the network of the other side. Rejects with an error that has the system's code, such as ECONNREFUSED. */
  connectTcp(to: SocketAddress): Promise<Duplex>;
  connectUdp(to: SocketAddress): Promise<DatagramPeer>;
  /** Resolves when the link is lost or closed. */
  readonly closed: Promise<void>;
  close(): void;
}
