import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Makes a control plane forget its past, through etcd's own gateway: a watch that asks for an older revision than the
 * present one gets 410 Gone.
 *
 * @param directory of the control plane
 */
export async function compact(directory: string): Promise<void> {
  const port = /ETCD_PORT=(\d+)/.exec(await readFile(join(directory, 'env'), 'utf8'))?.[1];
  const etcd = async (path: string, body: unknown): Promise<unknown> => {
    const response = await fetch(`http://127.0.0.1:${port}/v3/${path}`, { method: 'POST', body: JSON.stringify(body) });
    return response.json();
  };
  const range = await etcd('kv/range', { key: Buffer.from('/registry').toString('base64') });
  const revision = /"revision":"(\d+)"/.exec(JSON.stringify(range))?.[1];
  await etcd('kv/compaction', { revision, physical: true });
}
