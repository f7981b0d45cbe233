import { type ClientHttp2Stream, constants, type Http2Stream, type ServerHttp2Stream } from 'node:http2';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** Carries bytes between two connections until both have ended: each half by itself, and a reset as a reset. */
export function join(a: Duplex, b: Duplex): void {
  carry(a, b);
  carry(b, a);
}

function carry(from: Duplex, to: Duplex): void {
  let failed = false;
  from.on('error', () => {
    failed = true;
  });
  // A client may leave while its connection to the other end is being opened: no event reports that any more.
  if (from.destroyed) {
    breakOff(to);
    return;
  }
  from.pipe(to, { end: false });
  from.on('end', () => (isReset(from) ? breakOff(to) : to.end()));
  from.on('close', () => {
    if (failed || isReset(from) || !from.readableEnded) breakOff(to);
  });
}

/** A stream that was reset ends as one that has sent everything does. */
function isReset(connection: Duplex): boolean {
  return 'rstCode' in connection && Boolean(connection.rstCode);
}

/** For a stream with `waitForTrailers`. */
export function endOnlyUnlessReset(stream: ClientHttp2Stream | ServerHttp2Stream): void {
  // Node ends a stream before it resets it, so that the other side would take what came for all.
  stream.on('wantTrailers', () => {
    if (!stream.rstCode) stream.sendTrailers({});
  });
}

/** Ends a connection so that the other end learns of a failure. */
export function breakOff(connection: Duplex): void {
  if (connection.destroyed) return;
  if (connection instanceof Socket) connection.resetAndDestroy();
  else if (isHttp2(connection)) connection.close(constants.NGHTTP2_CONNECT_ERROR);
  else connection.destroy();
}

function isHttp2(connection: Duplex): connection is Duplex & Pick<Http2Stream, 'close'> {
  return 'rstCode' in connection;
}
