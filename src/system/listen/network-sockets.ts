import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, isIPv6, type Server, type Socket } from 'node:net';
import type { SocketAddress } from '../../net/index.ts';
import { interfaceAddresses } from '../machine.ts';
import { PortOwners, type SystemPort } from '../port-owner.ts';
import { type BoundServer, type ListenOptions, listen } from './server.ts';
import { type BoundUdpSocket, openUdpSocket, type UdpSocketOptions } from './udp-socket.ts';

/** The sockets of a network: of this process's own, or of one that another process opens them in. */
export interface NetworkSockets {
  /** @throws the system's error (EADDRINUSE, EACCES, EADDRNOTAVAIL, EMFILE ...) */
  listen(server: Server, at: SocketAddress, options: ListenOptions): Promise<BoundServer>;
  /** @throws the system's error */
  openUdp(at: SocketAddress, options?: UdpSocketOptions): Promise<BoundUdpSocket>;
  /** Connects, unless the signal ends that. @throws the system's error, the signal's reason */
  connectTcp(to: SocketAddress, signal?: AbortSignal): Promise<Socket>;
  /** Opens a UDP socket that is connected to an address. @throws the system's error */
  connectUdp(to: SocketAddress): Promise<UdpSocket>;
  /** The addresses of the network's interfaces. */
  addresses(): Iterable<string>;
  /** Describes who holds ports; create one for each batch of questions. */
  portOwners(): { describe(port: SystemPort): Promise<string> };
}

/** The network of this process. */
export const ownNetwork: NetworkSockets = {
  listen,
  openUdp: openUdpSocket,
  connectTcp: async ({ address, port }, signal) => {
    const socket = connect({ host: address, port, allowHalfOpen: true, noDelay: true });
    try {
      await once(socket, 'connect', signal === undefined ? {} : { signal });
      return socket;
    } catch (error) {
      socket.destroy();
      throw error;
    }
  },
  connectUdp: async ({ address, port }) => {
    const socket = createSocket(isIPv6(address.replace(/%.*$/, '')) ? 'udp6' : 'udp4');
    return connectedUdp(socket, { address, port });
  },
  addresses: interfaceAddresses,
  portOwners: () => new PortOwners(),
};

/** Connects a UDP socket to an address; closes it if that fails. @throws the system's error */
export async function connectedUdp(socket: UdpSocket, { address, port }: SocketAddress): Promise<UdpSocket> {
  try {
    socket.connect(port, address);
    await once(socket, 'connect');
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}
