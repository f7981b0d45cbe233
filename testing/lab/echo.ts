/** Servers that reply to every message with `host localaddress localport source`. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

export async function serveTcp(host: string, port: number, address?: string): Promise<void> {
  const server = createServer({ noDelay: true }, socket => {
    socket.on('error', () => {});
    socket.on('data', () => {
      const at = `${plain(socket.localAddress)} ${socket.localPort}`;
      socket.write(`${host} ${at} ${plain(socket.remoteAddress)}\n`);
    });
  });
  server.listen({ port, ...(address === undefined ? {} : { host: address }), backlog: 1024 });
  await once(server, 'listening');
}

/** Needs an address: a socket for all addresses would reply from another address than the client dialled. */
export async function serveUdp(host: string, port: number, address: string): Promise<void> {
  const socket = createSocket({ type: address.includes(':') ? 'udp6' : 'udp4' });
  socket.on('message', (_message, from) => {
    socket.send(`${host} ${address} ${port} ${plain(from.address)}\n`, from.port, from.address, () => {});
  });
  socket.bind(port, address);
  await once(socket, 'listening');
}

/** A dual-stack socket reports an IPv4 peer as ::ffff:a.b.c.d. */
function plain(address: string | undefined): string {
  return (address ?? '?').replace(/^::ffff:/, '');
}
