import type { Socket } from 'node:net';

const LENGTH_BYTES = 2;

/** A message with its length before it, as it is sent over TCP (RFC 1035, 4.2.2). */
export function framed(message: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(LENGTH_BYTES + message.length);
  bytes.writeUInt16BE(message.length);
  message.copy(bytes, LENGTH_BYTES);
  return bytes;
}

/**
 * Reads the messages of a TCP connection, in segments of any size, until the other side closes it. Reads no further while
 * the caller handles a message.
 *
 * @throws the error of the connection
 */
export async function* messagesFrom(socket: Socket): AsyncGenerator<Buffer, void> {
  // Joined only for a complete message, since one that arrives byte by byte would be costly.
  let pieces: Buffer[] = [];
  let have = 0;
  let need = LENGTH_BYTES;
  // The socket may still have responses to send when the other side has closed.
  for await (const piece of socket.iterator({ destroyOnReturn: false })) {
    pieces.push(piece);
    have += piece.length;
    if (have < need) continue;
    const all = Buffer.concat(pieces);
    let at = 0;
    for (;;) {
      need = LENGTH_BYTES + (all.length - at < LENGTH_BYTES ? 0 : all.readUInt16BE(at));
      if (all.length - at < need) break;
      yield all.subarray(at + LENGTH_BYTES, at + need);
      at += need;
    }
    // A copy, so that the rest does not keep a large segment in memory.
    pieces = [Buffer.from(all.subarray(at))];
    have = all.length - at;
  }
}
