import { type StatsListener, unwatchFile, watchFile } from 'node:fs';
import { isIP } from 'node:net';

/** resolv.conf has no place for a port. */
export const DNS_PORT = 53;

/** The servers that a resolv.conf names, in its order. Lines that cannot be understood are passed over, as by libc. */
export function nameservers(text: string): string[] {
  const found = text
    .split('\n')
    .map(line => /^nameserver[ \t]+(\S+)/.exec(line)?.[1])
    .filter(address => address !== undefined)
    .filter(address => isIP(address.replace(/%[\w.-]+$/, '')) !== 0);
  return [...new Set(found)];
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
