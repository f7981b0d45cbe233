/**
 * Runs in a host of a lab: opens connections, or sends datagrams, at a steady rate, and counts the outcomes. The other
 * end is `load-child.ts`.
 *
 * @module
 */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { LoadOrder, LoadReport } from './load-child.ts';

const EVERY_MS = 20;
const CONNECT_MS = 4_000;
const FLOWS = 8;

let begun = 0;
let answered = 0;
const failures: string[] = [];
let underWay = 0;
let timer: NodeJS.Timeout | undefined;

process.on('disconnect', () => process.exit(0));
process.on('message', message => {
  if (!isOrder(message)) return;
  switch (message.order) {
    case 'connect': {
      const { address, port, perSecond } = message;
      timer = setInterval(() => {
        for (let i = 0; i < (perSecond * EVERY_MS) / 1_000; i++) void one(address, port);
      }, EVERY_MS);
      break;
    }
    case 'send':
      void send(message.address, message.port, message.perSecond);
      break;
    case 'stop':
      clearInterval(timer);
      timer = undefined;
      if (underWay === 0) report(true);
      break;
  }
});

async function one(address: string, port: number): Promise<void> {
  begun++;
  underWay++;
  const socket = connect({ host: address, port, noDelay: true });
  socket.on('error', () => {});
  try {
    const signal = AbortSignal.timeout(CONNECT_MS);
    await once(socket, 'connect', { signal });
    socket.write('?\n');
    await once(socket, 'data', { signal });
    answered++;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    failures.push(`connection ${begun} to ${address}:${port}: ${code}`);
  }
  socket.destroy();
  underWay--;
  report(timer === undefined && underWay === 0);
}

/** A few sockets, each one a lasting flow; each datagram carries its send time. */
async function send(address: string, port: number, perSecond: number): Promise<void> {
  const sockets = await Promise.all(Array.from({ length: FLOWS }, () => flow(address)));
  timer = setInterval(() => {
    for (let i = 0; i < (perSecond * EVERY_MS) / 1_000; i++) {
      sockets[begun++ % FLOWS]?.send(String(process.hrtime.bigint()), port, address, () => {});
    }
    report(false);
  }, EVERY_MS);
}

async function flow(address: string): Promise<Socket> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  // Refusals are expected while there is no endpoint.
  socket.on('error', () => {});
  socket.on('message', () => {
    answered++;
  });
  socket.bind(0);
  await once(socket, 'listening');
  return socket;
}

function report(done: boolean): void {
  const message: LoadReport = { begun, answered, failures: failures.slice(0, 20), failed: failures.length, done };
  process.send?.(message);
}

function isOrder(message: unknown): message is LoadOrder {
  return typeof message === 'object' && message !== null && 'order' in message;
}
