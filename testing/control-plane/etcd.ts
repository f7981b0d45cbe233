/**
 * Writes to a control plane's etcd without its API server, which then reports the objects to its watches.
 *
 * @module
 */
import { once } from 'node:events';
import { type ClientHttp2Session, connect } from 'node:http2';

/** Makes etcd forget its history, through its JSON gateway: a watch from before gets 410 Gone. */
export async function compact(port: number): Promise<void> {
  const post = async (path: string, body: unknown): Promise<string> => {
    const response = await fetch(`http://127.0.0.1:${port}/v3/${path}`, { method: 'POST', body: JSON.stringify(body) });
    const text = await response.text();
    if (!response.ok) throw new Error(`etcd: ${path}: ${response.status}: ${text}`);
    return text;
  };
  const range = await post('kv/range', { key: Buffer.from('/registry').toString('base64') });
  const revision = /"revision":"(\d+)"/.exec(range)?.[1];
  await post('kv/compaction', { revision, physical: true });
}

/** etcd's default limit of operations in a transaction. */
const MAX_OPERATIONS = 128;

/**
 * Stores thousands of objects in seconds; through the API server that takes a quarter of an hour. It speaks gRPC, as
 * the API server does: the JSON gateway costs etcd three times as much.
 */
export class EtcdWriter {
  readonly #port: number;
  #session: ClientHttp2Session | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  /** @param objects by key below `/registry/`, complete: nothing fills in defaults or validates */
  async put(objects: readonly (readonly [key: string, object: unknown])[]): Promise<void> {
    for (let from = 0; from < objects.length; from += MAX_OPERATIONS) {
      const puts = objects
        .slice(from, from + MAX_OPERATIONS)
        .map(([key, object]) => requestOp(`/registry/${key}`, JSON.stringify(object)));
      await call(this.#connected(), '/etcdserverpb.KV/Txn', Buffer.concat(puts));
    }
  }

  close(): void {
    this.#session?.close();
  }

  #connected(): ClientHttp2Session {
    if (this.#session === undefined) {
      const session = connect(`http://127.0.0.1:${this.#port}`);
      session.unref();
      session.once('close', () => {
        if (this.#session === session) this.#session = undefined;
      });
      this.#session = session;
    }
    return this.#session;
  }
}

/** TxnRequest.success and RequestOp.request_put are fields 2; of PutRequest, key is 1 and value is 2 (etcd's rpc.proto). */
function requestOp(key: string, value: string): Buffer {
  const put = Buffer.concat([bytesField(1, Buffer.from(key)), bytesField(2, Buffer.from(value))]);
  return bytesField(2, bytesField(2, put));
}

function bytesField(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | 2]), varint(bytes.length), bytes]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.from([...bytes, rest]);
}

/** A unary call, as gRPC frames it over HTTP/2: uncompressed, with its length. */
async function call(session: ClientHttp2Session, path: string, message: Buffer): Promise<void> {
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  let status = 'none';
  let reason = '';
  // A failed call has no body, and its trailers are its headers.
  for (const event of ['response', 'trailers'] as const) {
    stream.on(event, headers => {
      status = String(headers['grpc-status'] ?? status);
      reason = String(headers['grpc-message'] ?? reason);
    });
  }
  const frame = Buffer.alloc(5);
  frame.writeUInt32BE(message.length, 1);
  stream.resume().end(Buffer.concat([frame, message]));
  await once(stream, 'end');
  if (status !== '0') throw new Error(`etcd: ${path}: status ${status}: ${reason}`);
}
