import type { IncomingHttpHeaders } from 'node:http';

/** Headers between a client and its proxy, which are not meant for the upstream server (RFC 9110, 7.6.1). */
const HOP_HEADERS: ReadonlySet<string> = new Set([
  'connection',
  'proxy-connection',
  'keep-alive',
  'te',
  'trailer',
  'upgrade',
  'proxy-authenticate',
  'proxy-authorization',
]);

/**
 * Headers that delimit and address the message, which it needs in any case. A `Connection` header that names them is a
 * fault or an attack (request smuggling).
 */
const FRAMING: ReadonlySet<string> = new Set(['content-length', 'transfer-encoding', 'host']);

/** The headers that a proxy passes on: all except hop-by-hop headers and those that `Connection` names. */
export function endToEndHeaders(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const isHop = hopTest(headers);
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !isHop(name)));
}

/**
 * The header lines of a request that switches protocols: the headers that a proxy passes on, and `upgrade`, which the
 * upstream server needs here (RFC 9110, 7.8).
 */
export function upgradeHeaderLines(rawHeaders: readonly string[], headers: IncomingHttpHeaders): string {
  const isHop = hopTest(headers);
  let text = `connection: upgrade\r\nupgrade: ${headers.upgrade ?? ''}\r\n`;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    if (!isHop(name.toLowerCase())) text += `${name}: ${rawHeaders[i + 1]}\r\n`;
  }
  return text;
}

function hopTest(headers: IncomingHttpHeaders): (name: string) => boolean {
  const proxyConnection = headers['proxy-connection'];
  const named = new Set(
    [headers.connection, ...(Array.isArray(proxyConnection) ? proxyConnection : [proxyConnection])]
      .flatMap(value => value?.split(',') ?? [])
      .map(token => token.trim().toLowerCase())
      .filter(token => !FRAMING.has(token)),
  );
  return name => HOP_HEADERS.has(name) || named.has(name);
}
