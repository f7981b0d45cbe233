import type { Socket as UdpSocket } from 'node:dgram';
import type { Duplex } from 'node:stream';
import type { DatagramPeer } from './link.ts';

/** Two bytes of length before each datagram. */
const HEAD = 2;
/** Datagrams are dropped, as networks do, while this much waits. */
const MAX_QUEUED_BYTES = 1024 * 1024;

/** A flow of datagrams over a stream. */
export function datagramsOver(stream: Duplex): DatagramPeer {
  return {
    send: message => {
      if (stream.destroyed || stream.writableLength > MAX_QUEUED_BYTES || message.length > 0xffff) return;
      const framed = Buffer.allocUnsafe(HEAD + message.length);
      framed.writeUInt16BE(message.length);
      message.copy(framed, HEAD);
      stream.write(framed);
    },
    listen: ({ onMessage, onClose }) => {
      let rest: Buffer = Buffer.alloc(0);
      stream.on('data', (chunk: Buffer) => {
        rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
        while (rest.length >= HEAD) {
          const end = HEAD + rest.readUInt16BE();
          if (rest.length < end) break;
          onMessage(rest.subarray(HEAD, end));
          rest = rest.subarray(end);
        }
      });
      stream.on('error', () => undefined);
      stream.on('end', () => stream.end());
      stream.on('close', onClose);
    },
    close: () => stream.destroy(),
  };
}

/** A connected socket of this side. */
export function datagramsOf(socket: UdpSocket): DatagramPeer {
  return {
    send: message => socket.send(message),
    listen: ({ onMessage, onClose }) => {
      socket.on('message', onMessage);
      // Such as the answer that nobody listens there: the next datagram has another socket.
      socket.on('error', onClose);
      socket.once('close', onClose);
    },
    close: () => {
      try {
        socket.close();
      } catch {
        // It has closed with its error.
      }
    },
  };
}

/** Passes the datagrams of each on to the other one. */
export function joinDatagrams(a: DatagramPeer, b: DatagramPeer): void {
  a.listen({ onMessage: message => b.send(message), onClose: () => b.close() });
  b.listen({ onMessage: message => a.send(message), onClose: () => a.close() });
}
