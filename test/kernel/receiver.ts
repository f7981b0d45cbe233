/** A UDP server in a host of a lab: `receiver.ts ADDRESS PORT`. Its other end is in `load-child.ts`. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Got } from './load-child.ts';

const [, , address = '', port = '0'] = process.argv;
let datagrams = 0;
let newest = 0n;
const moments: bigint[] = [];

process.on('disconnect', () => process.exit(0));
const socket = createSocket('udp4');
socket.on('message', (message, from) => {
  datagrams++;
  const sent = BigInt(message.toString());
  moments.push(sent);
  if (sent > newest) newest = sent;
  socket.send(message, from.port, from.address, () => {});
});
socket.bind(Number(port), address);
await once(socket, 'listening');
process.on('message', message => {
  if (!isSpan(message)) return tell();
  const [from, to] = [BigInt(message.from), BigInt(message.to)];
  process.send?.({ count: moments.filter(moment => moment > from && moment < to).length });
});
tell();

function tell(): void {
  process.send?.({ datagrams, newest: String(newest) } satisfies Got);
}

function isSpan(message: unknown): message is { readonly from: string; readonly to: string } {
  return typeof message === 'object' && message !== null && 'from' in message;
}
