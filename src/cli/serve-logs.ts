import { isRecord } from '../data/index.ts';
import type { LogQuery, LogStore } from './log-store.ts';

/** Answers `switchboard logs`: the kept lines, then new ones if the client follows. */
export async function serveLogs(
  store: LogStore,
  argument: unknown,
  send: (value: unknown) => void,
  signal: AbortSignal,
): Promise<void> {
  const { follow, ...query } = queryOf(argument);
  if (!follow && !store.knows(query)) {
    send({ kind: 'unknown' });
    return;
  }
  for (const entry of store.read(query)) send(entry);
  if (!follow) return;
  const end = store.follow(query, send);
  await new Promise(resolve => signal.addEventListener('abort', resolve, { once: true }));
  end();
}

function queryOf(value: unknown): LogQuery & { readonly follow: boolean } {
  const given = isRecord(value) ? value : {};
  const text = (name: string): string | undefined => {
    const found = given[name];
    return typeof found === 'string' ? found : undefined;
  };
  return {
    target: text('target') ?? '',
    namespace: text('namespace'),
    container: text('container'),
    since: typeof given.since === 'number' ? given.since : 0,
    follow: given.follow === true,
  };
}
