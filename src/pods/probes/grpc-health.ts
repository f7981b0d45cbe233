import { connect, constants } from 'node:http2';
import { hostPort, type SocketAddress } from '../../net/index.ts';

const SERVING = 1;
/** A status takes two bytes after a header of five; anything longer is no health status. */
const MAX_ANSWER_BYTES = 1024;

/**
 * Calls grpc.health.v1.Health/Check. The two messages have one field each, so they need no protobuf library.
 *
 * @returns undefined if the service reports SERVING, else the reason why not
 */
export function checkGrpcHealth(
  { address, port }: SocketAddress,
  service: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  return new Promise(resolve => {
    const session = connect(`http://${hostPort(address, port)}`);
    const done = (why: string | undefined): void => {
      session.destroy();
      resolve(why);
    };
    signal.addEventListener('abort', () => done('no answer in time'), { once: true });
    session.on('error', error => done(error.message));
    const call = session.request({
      [constants.HTTP2_HEADER_METHOD]: 'POST',
      [constants.HTTP2_HEADER_PATH]: '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
      te: 'trailers',
      'user-agent': 'kube-probe/switchboard',
    });
    const parts: Buffer[] = [];
    let status: string | undefined;
    call.on('trailers', trailers => {
      status = String(trailers['grpc-status'] ?? '0');
    });
    call.on('response', headers => {
      if (headers['grpc-status'] !== undefined) status = String(headers['grpc-status']);
    });
    let bytes = 0;
    call.on('data', (part: Buffer) => {
      parts.push(part);
      bytes += part.length;
      if (bytes > MAX_ANSWER_BYTES) done(`more than ${MAX_ANSWER_BYTES} bytes, which is no health status`);
    });
    call.on('error', error => done(error.message));
    call.on('end', () => {
      if (status !== undefined && status !== '0') return done(`gRPC status ${status}`);
      const health = healthOf(Buffer.concat(parts));
      return done(health === SERVING ? undefined : `health status ${health ?? 'unreadable'}, not SERVING`);
    });
    call.end(request(service));
  });
}

/** A length-prefixed message; field 1 is the name of the service. */
function request(service: string): Buffer {
  const name = Buffer.from(service);
  const message =
    name.length === 0 ? Buffer.alloc(0) : Buffer.concat([Buffer.from([0x0a, ...varint(name.length)]), name]);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}

/** Field 1 is the status, a one-byte varint; an empty message means UNKNOWN (0). */
function healthOf(body: Buffer): number | undefined {
  if (body.length < 5) return undefined;
  const message = body.subarray(5, 5 + body.readUInt32BE(1));
  if (message.length === 0) return 0;
  return message[0] === 0x08 ? message[1] : undefined;
}
