import { type StatsListener, unwatchFile, watchFile } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { messageOf } from '../../errors.ts';
import type { SocketAddress } from '../../net/index.ts';
import { parseResolvConf } from '../../system/index.ts';

/** resolv.conf cannot name a port. */
export const DNS_PORT = 53;

/** Files with the servers of the system's links, in the form of a resolv.conf. */
export const LINK_FILES: readonly string[] = [
  // systemd-resolved: the servers of all links, not its own stub.
  '/run/systemd/resolve/resolv.conf',
  '/run/NetworkManager/no-stub-resolv.conf',
];

export interface SystemServers {
  readonly servers: readonly SocketAddress[];
  /** Addresses of this server. */
  readonly leftOut: readonly SocketAddress[];
}

/**
 * Reads the system's servers: those of its resolv.conf, or those of its links if resolv.conf has only ourselves, as when
 * this server is the system's resolver.
 *
 * @param isOwn whether an address is this server
 * @returns the reason if no file is readable
 */
export async function systemServers(
  { resolvConf, linkFiles }: { readonly resolvConf: string; readonly linkFiles: readonly string[] },
  isOwn: (place: SocketAddress) => boolean,
): Promise<SystemServers | { readonly unreadable: string }> {
  let unreadable: string | undefined;
  const leftOut: SocketAddress[] = [];
  for (const path of [resolvConf, ...linkFiles]) {
    let places: SocketAddress[] = [];
    try {
      places = parseResolvConf(await readFile(path, 'utf8')).servers.map(address => ({ address, port: DNS_PORT }));
    } catch (error) {
      if (path === resolvConf) unreadable = messageOf(error);
    }
    const servers = places.filter(place => !isOwn(place));
    leftOut.push(...places.filter(place => !servers.includes(place)));
    if (servers.length > 0) return { servers, leftOut };
  }
  return unreadable === undefined ? { servers: [], leftOut } : { unreadable };
}

/**
 * Calls back when the file changes. Polls, because the file is often a link to a file that is replaced as a whole, in a
 * folder that may not exist, and a watch would stay with the old file.
 *
 * @returns a function that ends it
 */
export function watchResolvConf(path: string, everyMs: number, onChange: () => void): () => void {
  const listener: StatsListener = (now, before) => {
    if (now.mtimeMs !== before.mtimeMs || now.ino !== before.ino || now.size !== before.size) onChange();
  };
  watchFile(path, { persistent: false, interval: everyMs }, listener);
  return () => unwatchFile(path, listener);
}
