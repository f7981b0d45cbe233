import { connect, type Socket } from 'node:net';
import { hostPort } from '../../kube/address.ts';

/** What a host name or an address may be made of; nothing else is written into a request. */
const HOST = /^[\w.:%-]+$/;
/** A status line and a few headers. */
const MOST_HEAD_BYTES = 8192;

/**
 * Connects by way of a proxy that listens at a path: the file system is one in both networks, while sockets are not.
 *
 * @throws Error with what the system or the proxy says
 */
export function dialThrough(path: string, host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (!HOST.test(host)) throw new Error('that is no host name');
    const socket = connect({ path, allowHalfOpen: true });
    let head = Buffer.alloc(0);
    const fail = (error: Error) => {
      socket.destroy();
      reject(error);
    };
    const ended = () => fail(new Error('the way out has been closed'));
    // Not by 'data': its reader would have to stop the flow, and who takes the socket over would have to know.
    const take = () => {
      const chunk: unknown = socket.read();
      if (!Buffer.isBuffer(chunk)) return;
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) {
        if (head.length > MOST_HEAD_BYTES) ended();
        return;
      }
      if (!head.subarray(0, end).toString('latin1').startsWith('HTTP/1.1 200 ')) {
        fail(new Error(head.toString('utf8', end + 4).trim() || 'it cannot be reached'));
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
