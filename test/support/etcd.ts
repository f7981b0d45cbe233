import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Makes a control plane forget its past, through etcd's own gateway: a watch that asks for an older revision than the
 * present one gets 410 Gone.
 *
 * @param directory of the control plane
 */
export async function compact(directory: string): Promise<void> {
  const etcd = await etcdOf(directory);
  const range = await etcd('kv/range', { key: base64('/registry') });
  const revision = /"revision":"(\d+)"/.exec(JSON.stringify(range))?.[1];
  await etcd('kv/compaction', { revision, physical: true });
}

/** Operations that etcd takes in one transaction, unless it is told otherwise. */
const MOST_OPERATIONS = 128;

/**
 * Writes objects behind the API server's back, which then sees them come: making thousands of Services through it takes
 * a quarter of an hour.
 *
 * @param objects by key below `/registry/`, whole: nobody fills in defaults or validates
 */
export async function putObjects(directory: string, objects: readonly (readonly [string, unknown])[]): Promise<void> {
  const etcd = await etcdOf(directory);
  for (let from = 0; from < objects.length; from += MOST_OPERATIONS) {
    const puts = objects.slice(from, from + MOST_OPERATIONS).map(([key, object]) => ({
      requestPut: { key: base64(`/registry/${key}`), value: base64(JSON.stringify(object)) },
    }));
    const answer = await etcd('kv/txn', { success: puts });
    if (!JSON.stringify(answer).includes('"succeeded":true')) throw new Error(`etcd: ${JSON.stringify(answer)}`);
  }
}

const ports = new Map<string, string>();

async function etcdOf(directory: string): Promise<(path: string, body: unknown) => Promise<unknown>> {
  const port =
    ports.get(directory) ?? /ETCD_PORT=(\d+)/.exec(await readFile(join(directory, 'env'), 'utf8'))?.[1] ?? '';
  ports.set(directory, port);
  return async (path, body) => {
    const response = await fetch(`http://127.0.0.1:${port}/v3/${path}`, { method: 'POST', body: JSON.stringify(body) });
    return response.json();
  };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
