import { readdir, readFile, readlink } from 'node:fs/promises';
import type { SocketAddress } from '../net/index.ts';
import { parseSocketTable } from './port-owner.ts';

/**
 * The addresses of the UDP sockets of a process, by /proc (Linux, as the user of the process or root; elsewhere empty).
 * Reports a socket at a wildcard address as one at loopback.
 */
export async function udpSocketsOf(pid: number): Promise<SocketAddress[]> {
  const names = await readdir(`/proc/${pid}/fd`).catch(() => []);
  const links = await Promise.all(names.map(name => readlink(`/proc/${pid}/fd/${name}`).catch(() => '')));
  const inodes = new Set(links.map(link => /^socket:\[(\d+)\]$/.exec(link)?.[1]));
  const texts = await Promise.all(
    ['udp', 'udp6'].map(table => readFile(`/proc/${pid}/net/${table}`, 'utf8').catch(() => '')),
  );
  const found = texts.flatMap(text => [...parseSocketTable(text, 'udp')]).filter(({ inode }) => inodes.has(inode));
  return found.map(({ address, port }) => ({ address: LOOPBACK.get(address) ?? address, port }));
}

const LOOPBACK: ReadonlyMap<string, string> = new Map([
  ['0.0.0.0', '127.0.0.1'],
  ['::', '::1'],
]);
