/**
 * Listening sockets: the only place that binds them. Every listener has an error handler for its whole life, takes IPv6
 * only where its address is an IPv6 one, and does not share its port with other processes.
 *
 * @module
 */
export { connectedUdp, type NetworkSockets, ownNetwork } from './network-sockets.ts';
export { type BoundServer, type ListenAt, type ListenOptions, listen } from './server.ts';
export { ListenersByAddress, type OpenListener } from './udp-by-address.ts';
export { type BoundUdpSocket, openUdpSocket, type UdpSocketOptions } from './udp-socket.ts';
