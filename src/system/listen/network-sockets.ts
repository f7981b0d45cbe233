import type { Server } from 'node:net';
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
  /** The addresses of the network's interfaces. */
  addresses(): Iterable<string>;
  /** Describes who holds ports; create one for each batch of questions. */
  portOwners(): { describe(port: SystemPort): Promise<string> };
}

/** The network of this process. */
export const ownNetwork: NetworkSockets = {
  listen,
  openUdp: openUdpSocket,
  addresses: interfaceAddresses,
  portOwners: () => new PortOwners(),
};
