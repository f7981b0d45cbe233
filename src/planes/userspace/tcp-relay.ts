import type { Socket } from 'node:net';
import type { Counters } from './traffic.ts';

/**
 * How much may wait in each direction before the sender is paused. One read brings up to 64 KiB, which at Node's
 * default mark would pause and resume the sender at every full chunk.
 */
export const HIGH_WATER_MARK = 256 * 1024;

/**
 * Moves bytes both ways between two connected sockets, with back-pressure, half-close and reset passed on. Written out
 * in place of `stream.pipe`, which does more for each chunk; two handlers a direction, nothing made for a chunk.
 */
export function relay(client: Socket, upstream: Socket, counters: Counters): void {
  client.on('data', chunk => {
    counters.bytesIn += chunk.length;
    if (!upstream.write(chunk)) client.pause();
  });
  upstream.on('data', chunk => {
    counters.bytesOut += chunk.length;
    if (!client.write(chunk)) upstream.pause();
  });
  couple(client, upstream);
  couple(upstream, client);
  // The client has been paused since it was accepted: nothing of it is read before somebody is there to take it.
  client.resume();
}

/** What happens to one is done to the other. Errors have handlers already, from when the sockets were made. */
function couple(from: Socket, to: Socket): void {
  from.on('drain', () => to.resume());
  from.on('end', () => to.end());
  from.on('close', () => {
    if (to.destroyed) return;
    if (!from.readableEnded) reset(to);
    // It had sent all it would and was then lost: what it sent still goes out before the other side ends.
    else if (from.errored !== null) to.destroySoon();
  });
}

/** Ends a socket with RST, so that the peer sees an aborted connection and not an orderly end. */
export function reset(socket: Socket): void {
  if (socket.destroyed) return;
  if (socket.connecting) socket.destroy();
  else socket.resetAndDestroy();
}
