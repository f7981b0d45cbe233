import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type ClientHttp2Session, connect } from 'node:http2';
import { join } from 'node:path';

/**
 * Makes a control plane forget its past, through etcd's own gateway: a watch that asks for an older revision than the
 * present one gets 410 Gone.
 *
 * @param directory of the control plane
 */
export async function compact(directory: string): Promise<void> {
  const port = await portOf(directory);
  const etcd = async (path: string, body: unknown): Promise<unknown> => {
    const response = await fetch(`http://127.0.0.1:${port}/v3/${path}`, { method: 'POST', body: JSON.stringify(body) });
    return response.json();
  };
  const range = await etcd('kv/range', { key: Buffer.from('/registry').toString('base64') });
  const revision = /"revision":"(\d+)"/.exec(JSON.stringify(range))?.[1];
  await etcd('kv/compaction', { revision, physical: true });
}

/** Operations that etcd takes in one transaction, unless it is told otherwise. */
const MOST_OPERATIONS = 128;

/**
 * Writes objects behind the API server's back, which then sees them come: making thousands of Services through it takes
 * a quarter of an hour. They go the way that the API server's own go, gRPC: the gateway costs etcd three times as much.
 *
 * @param objects by key below `/registry/`, whole: nobody fills in defaults or validates
 */
export async function putObjects(directory: string, objects: readonly (readonly [string, unknown])[]): Promise<void> {
  const session = await sessionOf(directory);
  for (let from = 0; from < objects.length; from += MOST_OPERATIONS) {
    const puts = objects
      .slice(from, from + MOST_OPERATIONS)
      .map(([key, object]) => requestOp(`/registry/${key}`, JSON.stringify(object)));
    await call(session, '/etcdserverpb.KV/Txn', Buffer.concat(puts));
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

/** One call of one message each way, as gRPC frames it over HTTP/2: not compressed, and its length. */
async function call(session: ClientHttp2Session, path: string, message: Buffer): Promise<void> {
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  let status = 'none';
  let why = '';
  // A failed call has no body, and its trailers are its headers.
  for (const event of ['response', 'trailers'] as const) {
    stream.on(event, headers => {
      status = String(headers['grpc-status'] ?? status);
      why = String(headers['grpc-message'] ?? why);
    });
  }
  const frame = Buffer.alloc(5);
  frame.writeUInt32BE(message.length, 1);
  stream.resume().end(Buffer.concat([frame, message]));
  await once(stream, 'end');
  if (status !== '0') throw new Error(`etcd: ${path}: status ${status}: ${why}`);
}

const sessions = new Map<string, ClientHttp2Session>();

async function sessionOf(directory: string): Promise<ClientHttp2Session> {
  const known = sessions.get(directory);
  if (known !== undefined) return known;
  const session = connect(`http://127.0.0.1:${await portOf(directory)}`);
  session.unref();
  session.once('close', () => sessions.delete(directory));
  sessions.set(directory, session);
  return session;
}

async function portOf(directory: string): Promise<string> {
  return /ETCD_PORT=(\d+)/.exec(await readFile(join(directory, 'env'), 'utf8'))?.[1] ?? '';
}
