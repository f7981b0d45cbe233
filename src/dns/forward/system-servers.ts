import { readFile } from 'node:fs/promises';
import { messageOf } from '../../errors.ts';
import { DNS_PORT, nameservers } from './resolv-conf.ts';

/** Where the servers of a system's links are told, each in the form of a resolv.conf. */
export const LINK_FILES: readonly string[] = [
  // systemd-resolved: those of all links, in place of its own stub.
  '/run/systemd/resolve/resolv.conf',
  '/run/NetworkManager/no-stub-resolv.conf',
];

export interface Place {
  readonly address: string;
  readonly port: number;
}

export interface SystemServers {
  readonly servers: readonly Place[];
  /** Servers that are this one. */
  readonly leftOut: readonly Place[];
}

/**
 * Whom the system asks: the servers of its resolv.conf, and where that leaves none but us, as when a program has made
 * us the system's resolver, those that its links were given.
 *
 * @param isOwn whether a question that is sent there comes to us
 * @returns why, where nothing can be read
 */
export async function systemServers(
  { resolvConf, linkFiles }: { readonly resolvConf: string; readonly linkFiles: readonly string[] },
  isOwn: (place: Place) => boolean,
): Promise<SystemServers | { readonly unreadable: string }> {
  let unreadable: string | undefined;
  const leftOut: Place[] = [];
  for (const path of [resolvConf, ...linkFiles]) {
    let places: Place[] = [];
    try {
      places = nameservers(await readFile(path, 'utf8')).map(address => ({ address, port: DNS_PORT }));
    } catch (error) {
      if (path === resolvConf) unreadable = messageOf(error);
    }
    const servers = places.filter(place => !isOwn(place));
    leftOut.push(...places.filter(place => !servers.includes(place)));
    if (servers.length > 0) return { servers, leftOut };
  }
  return unreadable === undefined ? { servers: [], leftOut } : { unreadable };
}
