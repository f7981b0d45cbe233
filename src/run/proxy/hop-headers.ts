import type { IncomingHttpHeaders } from 'node:http';

/** Headers between a client and its proxy, which are not for the server behind (RFC 9110, 7.6.1). */
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
 * They say where the message ends and whom it is for. A `Connection` header that names them is broken or an attack
 * (request smuggling); the message still needs them.
 */
const FRAMING: ReadonlySet<string> = new Set(['content-length', 'transfer-encoding', 'host']);

/** The headers that a proxy passes on: all but hop-by-hop ones, among them those that `Connection` names. */
export function endToEndHeaders(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const isHop = hopTest(headers);
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !isHop(name)));
}

/**
 * The header lines of a request that switches protocols, ready to be sent: the headers that a proxy passes on and
 * `upgrade`, which the server behind has to see here (RFC 9110, 7.8).
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
