import { parseSocketAddress, type SocketAddress } from '../net/index.ts';

const DNS_PORT = 53;

/**
 * Parses a DNS server as configuration files write it: `127.0.0.1`, `127.0.0.1:1053`, `127.0.0.1#1053` (dnsmasq), `::1`,
 * `[::1]:1053`, `::1#1053`. Without a port it is 53.
 */
export function parseServer(text: string): SocketAddress | undefined {
  const [host = '', port] = text.split('#');
  if (port === undefined) return parseSocketAddress(text, DNS_PORT);
  return parseSocketAddress(host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`);
}
