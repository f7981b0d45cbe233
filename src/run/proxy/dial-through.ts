import { connect, type Socket } from 'node:net';
import { hostPort } from '../../net/index.ts';

/** The characters of a host name or an address; nothing else is written into a request. */
const HOST = /^[\w.:%-]+$/;
/** Room for a status line and a few headers. */
const MAX_HEAD_BYTES = 8192;

/**
 * Connects through a proxy that listens at a path: two networks share the file system, but no sockets.
 *
 * @throws Error with the reason of the system or the proxy
 */
export function dialThrough(path: string, host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (!HOST.test(host)) throw new Error('not a host name');
    const socket = connect({ path, allowHalfOpen: true });
    let head = Buffer.alloc(0);
    const fail = (error: Error) => {
      socket.destroy();
      reject(error);
    };
    const ended = () => fail(new Error('the proxy outside closed the connection'));
    // Not 'data' events: they would switch the socket to flowing mode before the next reader takes over.
    const take = () => {
      const chunk: unknown = socket.read();
      if (!Buffer.isBuffer(chunk)) return;
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) {
        if (head.length > MAX_HEAD_BYTES) ended();
        return;
      }
      if (!head.subarray(0, end).toString('latin1').startsWith('HTTP/1.1 200 ')) {
        fail(new Error(head.toString('utf8', end + 4).trim() || 'unreachable'));
        return;
      }
      socket.off('readable', take).off('error', fail).off('close', ended);
      if (head.length > end + 4) socket.unshift(head.subarray(end + 4));
      resolve(socket);
    };
    socket.on('error', fail).on('close', ended).on('readable', take);
    const target = hostPort(host, port);
    socket.write(`CONNECT ${target} HTTP/1.1\r\nhost: ${target}\r\n\r\n`);
  });
}
