import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { familyOf, type SocketAddress } from '../../net/index.ts';
import { canOpenDatagramSockets, openDatagramSocket } from '../datagram-socket.ts';

export interface UdpSocketOptions {
  /** Other sockets of this user may bind the same address and port; the kernel distributes clients over them. */
  readonly shared?: boolean;
  /** Size of the receive buffer, for bursts while the event loop is busy; the system may give less. */
  readonly receiveBufferBytes?: number;
}

export interface BoundUdpSocket {
  readonly socket: Socket;
  /** With the port that the system chose. */
  readonly at: SocketAddress;
  /** The file descriptor, where libc opened the socket (Linux). The socket owns it. */
  readonly fd: number | undefined;
}

/**
 * Opens a bound UDP socket that sends to addresses without looking them up. The caller adds the `error` listener.
 *
 * @throws the system's error (EADDRINUSE, EACCES, EADDRNOTAVAIL, EMFILE ...)
 */
export async function openUdpSocket(at: SocketAddress, options: UdpSocketOptions = {}): Promise<BoundUdpSocket> {
  const { shared = false } = options;
  if (canOpenDatagramSockets()) {
    return adoptUdpSocket(at, openDatagramSocket(at.address, at.port, { shared }), options);
  }
  const socket = newSocket(at, shared);
  try {
    const listening = once(socket, 'listening');
    socket.bind({ address: at.address, port: at.port, exclusive: true });
    await listening;
  } catch (error) {
    socket.close();
    throw error;
  }
  return bound(socket, at, options, undefined);
}

/** Makes a Node socket of a bound file descriptor, and owns it from here on. */
export function adoptUdpSocket(at: SocketAddress, fd: number, options: UdpSocketOptions): BoundUdpSocket {
  const socket = newSocket(at, false);
  // Synchronous for a file descriptor; what Node refuses, it throws.
  socket.bind({ fd, exclusive: true });
  return bound(socket, at, options, fd);
}

function bound(
  socket: Socket,
  at: SocketAddress,
  { receiveBufferBytes }: UdpSocketOptions,
  fd: number | undefined,
): BoundUdpSocket {
  if (receiveBufferBytes !== undefined) {
    try {
      socket.setRecvBufferSize(receiveBufferBytes);
    } catch {
      // The default buffer still works.
    }
  }
  return { socket, at: { address: at.address, port: socket.address().port }, fd };
}

function newSocket({ address }: SocketAddress, reusePort: boolean): Socket {
  const type = familyOf(address) === 'IPv4' ? 'udp4' : 'udp6';
  return createSocket({ type, ipv6Only: type === 'udp6', reusePort, lookup });
}

/**
 * Clients have addresses already. The system's look-up would delay every response to a later turn of the event loop,
 * which costs a tenth of the rate.
 */
function lookup(
  address: string,
  _options: unknown,
  callback: (error: null, address: string, family: number) => void,
): void {
  callback(null, address, familyOf(address) === 'IPv4' ? 4 : 6);
}
