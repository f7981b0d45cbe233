/**
 * Relays between a TCP port and a unix socket. A socket's path is the same in every network namespace, so two relays
 * connect a namespace to a server that it cannot reach by network.
 *
 * @module
 */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** Relays each connection of a unix socket to a port of 127.0.0.1. */
export function relayToPort(path: string, port: number): Promise<Server> {
  return relay(
    () => connect({ port, host: '127.0.0.1', noDelay: true }),
    server => server.listen(path),
  );
}

/** Relays each connection to a port of 127.0.0.1 to a unix socket. */
export function relayToSocket(port: number, path: string): Promise<Server> {
  return relay(
    () => connect(path),
    server => server.listen(port, '127.0.0.1'),
  );
}

async function relay(dial: () => Socket, listen: (server: Server) => void): Promise<Server> {
  // With Nagle's algorithm, an event would wait up to 40 ms for an acknowledgement.
  const server = createServer({ noDelay: true }, client => {
    const upstream = dial();
    client.pipe(upstream).pipe(client);
    client.on('error', () => upstream.destroy());
    upstream.on('error', () => client.destroy());
  });
  listen(server);
  await once(server, 'listening');
  return server;
}
