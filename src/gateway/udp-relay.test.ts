import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { datagramsOf } from '../link/index.ts';
import { ownNetwork } from '../system/index.ts';
import { UdpRelay } from './udp-relay.ts';

async function socketAt(address: string, port = 0): Promise<Socket> {
  const socket = createSocket('udp4');
  onTestFinished(() => void socket.close());
  socket.bind(port, address);
  await once(socket, 'listening');
  return socket;
}

async function ask(socket: Socket, port: number, text: string): Promise<string> {
  socket.send(text, port, '127.0.0.1');
  const [answer]: unknown[] = await once(socket, 'message');
  return String(answer);
}

/** A port that is free. */
async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  await new Promise<void>(closed => socket.close(() => closed()));
  return port;
}

/** A relay to a server that answers with the port of its client. */
async function scene() {
  const server = await socketAt('127.0.0.1');
  server.on('message', (message, from) => server.send(`${message} ${from.port}`, from.port, from.address));
  const port = await freePort();
  const to = { address: '127.0.0.1', port: server.address().port };
  const relay = await UdpRelay.open({ address: '127.0.0.1', port }, async () =>
    datagramsOf(await ownNetwork.connectUdp(to)),
  );
  return { relay, port };
}

test('carries datagrams both ways, for each client on a socket of its own', async () => {
  const { relay, port } = await scene();
  onTestFinished(() => relay.close());
  const [one, other] = [await socketAt('127.0.0.1'), await socketAt('127.0.0.1')];
  const first = await ask(one, port, 'a');
  expect(first).toMatch(/^a \d+$/);
  expect(await ask(one, port, 'b')).toBe(first.replace('a', 'b'));
  expect(await ask(other, port, 'a')).not.toBe(first);
});

test('goes on when a client meets a target that refuses', async () => {
  let to = { address: '127.0.0.1', port: await freePort() };
  const connected: Promise<Socket>[] = [];
  const port = await freePort();
  const relay = await UdpRelay.open({ address: '127.0.0.1', port }, () => {
    const upstream = ownNetwork.connectUdp(to);
    connected.push(upstream);
    return upstream.then(datagramsOf);
  });
  onTestFinished(() => relay.close());
  const client = await socketAt('127.0.0.1');
  client.send('lost', port, '127.0.0.1');
  while (connected.length === 0) await new Promise(turn => setImmediate(turn));
  const refused = await connected[0];
  await new Promise<void>(closed => refused?.once('close', closed));
  const server = await socketAt('127.0.0.1');
  server.on('message', (message, from) => server.send(message, from.port, from.address));
  to = { address: '127.0.0.1', port: server.address().port };
  expect(await ask(client, port, 'again')).toBe('again');
});
