import { type StatsListener, unwatchFile, watchFile } from 'node:fs';
import { parseResolvConf } from '../../system/index.ts';

/** resolv.conf has no place for a port. */
export const DNS_PORT = 53;

/** The servers that a resolv.conf names, in its order. */
export function nameservers(text: string): readonly string[] {
  return parseResolvConf(text).servers;
}

/**
 * Calls back when the file changes. It is looked at again and again, and not watched: it is often a link to a file
 * that is replaced as a whole, in a folder that does not always exist, and a watch would hold on to what is gone.
 *
 * @returns what ends it
 */
export function watchResolvConf(path: string, everyMs: number, onChange: () => void): () => void {
  const listener: StatsListener = (now, before) => {
    if (now.mtimeMs !== before.mtimeMs || now.ino !== before.ino || now.size !== before.size) onChange();
  };
  watchFile(path, { persistent: false, interval: everyMs }, listener);
  return () => unwatchFile(path, listener);
}
